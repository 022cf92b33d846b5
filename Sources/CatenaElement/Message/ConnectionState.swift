// SPDX-License-Identifier: Apache-2.0
// The state of a connection, spelled as in the NSM API. A struct and not an enum, so that a state that a newer peer sends
// passes through.

/// `Connection.state`. A message that says nothing is up.
public struct ConnectionState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let up = ConnectionState(rawValue: 0)
    public static let down = ConnectionState(rawValue: 1)
    public static let refreshRequested = ConnectionState(rawValue: 2)
    public static let reselectRequested = ConnectionState(rawValue: 3)

    /// The name as the API spells it; the number for a state this kit has no name for.
    public var description: String {
        Self.names.indices.contains(Int(rawValue)) ? Self.names[Int(rawValue)] : String(rawValue)
    }

    private static let names = ["UP", "DOWN", "REFRESH_REQUESTED", "RESELECT_REQUESTED"]
}
