// SPDX-License-Identifier: Apache-2.0
// What the host knows of a transport. An element judges a transport by this and never by the code of a call, which may be
// the caller's doing.

/// The state of a transport.
public struct TransportState: RawRepresentable, Hashable, Sendable {
    /// The number as the header has it.
    public let rawValue: UInt32
    /// Any number, also one that this kit has no name for.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Will connect when it is used.
    public static let idle = TransportState(rawValue: 0)
    /// An attempt is under way.
    public static let connecting = TransportState(rawValue: 1)
    /// Connected.
    public static let ready = TransportState(rawValue: 2)
    /// The last attempt failed; the next call tries again.
    public static let failing = TransportState(rawValue: 3)
    /// Works for those that hold it; newcomers get another one.
    public static let retired = TransportState(rawValue: 4)
}
