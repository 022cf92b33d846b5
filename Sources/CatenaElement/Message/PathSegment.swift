// SPDX-License-Identifier: Apache-2.0
// One hop of a connection's path, as a value. Metrics and unknown fields of the segment are not in it: they stay in the
// message whatever is set.

/// A path segment.
public struct PathSegment: Equatable, Sendable {
    /// The name of the application at this hop.
    public var name: String
    /// The connection's id at this hop.
    public var id: String
    /// Never to be printed.
    public var token: String
    /// When the token ends: nanoseconds since 1970 (UTC); nil: not set.
    public var expires: Int64?

    /// A segment; without a token it is one that nobody has signed yet.
    public init(name: String, id: String, token: String = "", expires: Int64? = nil) {
        self.name = name
        self.id = id
        self.token = token
        self.expires = expires
    }
}
