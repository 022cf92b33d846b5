// SPDX-License-Identifier: Apache-2.0
// The host's name for something that was begun and will end by itself. It is good for one thing: ending it sooner.

/// A client call or an event under way; ended early with ``ConnectionService/cancel(_:)``.
public struct Operation: Hashable, Sendable {
    /// Never 0, and never used again for another operation.
    public let number: UInt64
    /// nil for 0, which names nothing.
    public init?(_ number: UInt64) {
        guard number != 0 else { return nil }
        self.number = number
    }
}
