// SPDX-License-Identifier: Apache-2.0
// The life of a client's connection as its users see it. Who shares a client between callers watches it here instead of guessing
// from the errors of calls.

/// The state of a ``GRPCClient``.
public enum GRPCClientState: Int, Hashable, Sendable, CustomStringConvertible {
    /// No connection; the next call begins one. Can become `connecting` or `retired`.
    case idle
    /// An attempt is under way, calls wait for it. Can become `ready`, `failing` or `retired`.
    case connecting
    /// Connected. Becomes `idle` when the connection is lost or the server ends it, `failing` when that happened before it was of any
    /// use, or `retired`.
    case ready
    /// The last attempt failed; a call begins another, or the end of the pause when calls wait. Can become `connecting` or `retired`.
    case failing
    /// Ended by ``GRPCClient/shutdown(_:)``, for good.
    case retired

    public var description: String {
        switch self {
        case .idle: "idle"
        case .connecting: "connecting"
        case .ready: "ready"
        case .failing: "failing"
        case .retired: "retired"
        }
    }
}
