// SPDX-License-Identifier: Apache-2.0
// The state of a connection, spelled as in the NSM API. A struct and not an enum, so that a state that a newer peer sends
// passes through.

/// `Connection.state`. A message that says nothing is up.
public struct ConnectionState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number as the header has it.
    public let rawValue: UInt32
    /// Any number, also one that this kit has no name for.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// It works, as far as anybody knows.
    public static let up = ConnectionState(rawValue: 0)
    /// It does not, and whoever asked for it may ask again.
    public static let down = ConnectionState(rawValue: 1)
    /// A Request is wanted before its time.
    public static let refreshRequested = ConnectionState(rawValue: 2)
    /// A Request that chooses another endpoint is wanted.
    public static let reselectRequested = ConnectionState(rawValue: 3)

    /// The name as the API spells it; the number for a state this kit has no name for.
    public var description: String {
        Self.names.indices.contains(Int(rawValue)) ? Self.names[Int(rawValue)] : String(rawValue)
    }

    private static let names = ["UP", "DOWN", "REFRESH_REQUESTED", "RESELECT_REQUESTED"]
}
