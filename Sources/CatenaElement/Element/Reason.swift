// SPDX-License-Identifier: Apache-2.0
// Why a Close or an event runs, or a slot is dropped. Elements that speak to another process need it: not every end of
// a slot is the end of the connection.

/// Why something happens that no Request asked for.
public struct Reason: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number as the header has it.
    public let rawValue: UInt32
    /// Any number, also one that this kit has no name for.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A caller asked.
    public static let caller = Reason(rawValue: 0)
    /// An element asked.
    public static let event = Reason(rawValue: 1)
    /// The first Request failed.
    public static let rollback = Reason(rawValue: 2)
    /// Another endpoint is to be chosen; drops nothing.
    public static let reselect = Reason(rawValue: 3)
    /// The client URL has changed.
    public static let movedURL = Reason(rawValue: 4)
    /// An earlier Close failed.
    public static let retry = Reason(rawValue: 5)
    /// The next generation of the host has it; say nothing to the next hop.
    public static let handedOver = Reason(rawValue: 6)
    /// The incarnation was cancelled.
    public static let removed = Reason(rawValue: 7)
    /// Nobody came back for it in time.
    public static let expired = Reason(rawValue: 8)
    /// The host stops.
    public static let stopping = Reason(rawValue: 9)

    /// One word for log lines; the number for a reason this kit has no name for.
    public var description: String {
        Self.names.indices.contains(Int(rawValue)) ? Self.names[Int(rawValue)] : String(rawValue)
    }

    private static let names = [
        "caller", "event", "rollback", "reselect", "moved-url", "retry", "handed-over", "removed", "expired", "stopping",
    ]
}
