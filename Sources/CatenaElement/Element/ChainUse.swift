// SPDX-License-Identifier: Apache-2.0
// A chain that an element's config names. The host numbers these uses in the order in which the config is read, which is
// why only the reader makes them.

/// One use of another chain by an element.
public struct ChainUse: Sendable, Equatable {
    /// The name as it stands in the config.
    public let name: String
    /// 0, 1, ... in the order of reading.
    let number: UInt32
}
