// SPDX-License-Identifier: Apache-2.0
// The host's name for a connection. It is a number for one life of one thing: what is asked of an ended one is recognised
// by the host, and nothing happens.

/// One incarnation of a connection: from its first Request until its slots are dropped.
public struct Connection: Hashable, Sendable {
    /// Never 0, and never used again for another incarnation.
    public let number: UInt64
    /// nil for 0, which names nothing.
    public init?(_ number: UInt64) {
        guard number != 0 else { return nil }
        self.number = number
    }
}
