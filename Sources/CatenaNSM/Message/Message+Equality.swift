// SPDX-License-Identifier: Apache-2.0
// "Has anything changed?", asked on every refresh: tokens and expiries always have, so they do not count. Most that are asked about
// come of one sender, which writes its fields in one order, or differ in a name; only for the others the bytes are put in order.

extension Message {
    /// Do both say the same? Tokens, expiries and metrics of path segments, the order of fields and the order of map entries
    /// make no difference; unknown fields do.
    package func isEqual(to other: Message) -> Bool {
        if self === other || bytes.isShared(with: other.bytes) { return true }
        if hasOtherNames(than: other) { return false }
        let isSame = withBytes { mine in
            other.withBytes { MessageType.request.isAlike(mine, 0..<mine.count, $0, 0..<$0.count) }
        }
        return isSame || comparable == other.comparable
    }

    private var comparable: [UInt8] {
        withBytes { MessageType.request.canonical($0, 0..<$0.count, .withoutRefresh) }
    }

    /// Fields of the connection: service, endpoint, payload, id. Those of one queue have one id.
    private static let names: InlineArray<4, Int> = [2, 7, 8, 1]

    /// Is one of the connection's texts another?
    private func hasOtherNames(than other: Message) -> Bool {
        withBytes { mine in
            other.withBytes { theirs in
                for place in Self.names.indices {
                    let (here, there) = (index.fields[Self.names[place]].contents, other.index.fields[Self.names[place]].contents)
                    if !mine.extracting(here).hasSameBytes(as: theirs.extracting(there)) { return true }
                }
                return false
            }
        }
    }
}

extension MessageType {
    /// Do two messages that have been checked say the same, field by field as they stand? false: perhaps, in another order.
    fileprivate func isAlike(_ mine: Span<UInt8>, _ here: Range<Int>, _ theirs: Span<UInt8>, _ there: Range<Int>) -> Bool {
        var readers = (WireReader(here, of: self), WireReader(there, of: self))
        while true {
            switch (nextCompared(&readers.0, mine), nextCompared(&readers.1, theirs)) {
            case (nil, nil): return true
            case (let left?, let right?):
                guard left.number == right.number, left.type == right.type else { return false }
                if mine.extracting(left.whole).hasSameBytes(as: theirs.extracting(right.whole)) { continue }
                guard let inner = leadsToSegments(left), inner.isAlike(mine, left.contents, theirs, right.contents) else { return false }
            default: return false
            }
        }
    }

    private func nextCompared(_ reader: inout WireReader, _ bytes: Span<UInt8>) -> WireField? {
        while let next = reader.nextChecked(in: bytes) {
            let isLeftOut = CanonicalForm.withoutRefresh.leavesOut(self, next.number) && field(next.number)?.kind.wireType == next.type
            if !isLeftOut { return next }
        }
        return nil
    }

    /// The type of a field that path segments may be in.
    private func leadsToSegments(_ found: WireField) -> MessageType? {
        guard case .message(let type)? = field(found.number)?.kind, found.type == .delimited else { return nil }
        return [.connection, .path, .pathSegment].contains(type) ? type : nil
    }
}
