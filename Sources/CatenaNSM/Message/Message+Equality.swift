// SPDX-License-Identifier: Apache-2.0
// "Has anything changed?", asked on every refresh: tokens and expiries always have, so they do not count.

extension Message {
    /// Do both say the same? Tokens, expiries and metrics of path segments, the order of fields and the order of map entries
    /// make no difference; unknown fields do.
    package func isEqual(to other: Message) -> Bool {
        if self === other || bytes.isShared(with: other.bytes) { return true }
        let isSame = withBytes { mine in other.withBytes { mine.hasSameBytes(as: $0) } }
        return isSame || comparable == other.comparable
    }

    private var comparable: [UInt8] {
        withBytes { MessageType.request.canonical($0, 0..<$0.count, .withoutRefresh) }
    }
}
