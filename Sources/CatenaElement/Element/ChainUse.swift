// SPDX-License-Identifier: Apache-2.0
// A chain that an element's config names. The host numbers these uses in the order in which the config is read, which is
// why only the reader makes them.

/// One use of another chain by an element.
public struct ChainUse: Sendable, Equatable {
    /// The name as it stands in the config.
    public let name: String
    /// 0, 1, ... in the order of reading.
    let number: UInt32

    /// The placeholder of a key that is required; the host refuses to open a leg through it.
    public init() { self.init(name: "", number: .max) }

    init(name: String, number: UInt32) {
        self.name = name
        self.number = number
    }
}
