// SPDX-License-Identifier: Apache-2.0
// What the host says of a call beside its message, as a set: a test compares it, or makes it for a hook that it calls itself.

/// The state of a call as one element sees it.
public struct HopFlags: OptionSet, Sendable, Hashable {
    /// The flags as the header has them.
    public let rawValue: UInt32
    /// Any flags.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// No open connection yet.
    public static let first = HopFlags(rawValue: 1)
    /// The caller left or time ran out.
    public static let cancelled = HopFlags(rawValue: 2)
    /// An element began it.
    public static let event = HopFlags(rawValue: 4)
    /// Of a Close: the host has an open connection for it.
    public static let known = HopFlags(rawValue: 8)
}
