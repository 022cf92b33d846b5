// SPDX-License-Identifier: Apache-2.0
// The host's name for the client side of a connection. Like all such names it is safe to keep: a leg that has ended is
// recognised.

/// One use of a client chain for one connection, with a transport and slots of its own; from ``ChainService``.
public struct Leg: Hashable, Sendable {
    /// Never 0, and never used again for another leg.
    public let number: UInt64
    /// nil for 0, which names nothing.
    public init?(_ number: UInt64) {
        guard number != 0 else { return nil }
        self.number = number
    }
}
