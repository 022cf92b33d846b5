// SPDX-License-Identifier: Apache-2.0
// The life of a client's connection as its users see it. Who shares a client between callers watches it here instead of guessing
// from the errors of calls.

/// The state of a ``GRPCClient``.
public enum GRPCClientState: Int, Hashable, Sendable, CustomStringConvertible {
    /// No connection; the next call begins one. Can become `connecting` or `shutdown`.
    case idle
    /// An attempt is under way, calls wait for it. Can become `ready`, `failing` or `shutdown`.
    case connecting
    /// Connected. Becomes `idle` when the connection is lost or the server ends it, or `shutdown`.
    case ready
    /// The last attempt failed; the next call begins another. Can become `connecting` or `shutdown`.
    case failing
    /// Ended by ``GRPCClient/shutdown(_:)``, for good.
    case shutdown

    public var description: String {
        switch self {
        case .idle: "idle"
        case .connecting: "connecting"
        case .ready: "ready"
        case .failing: "failing"
        case .shutdown: "shutdown"
        }
    }
}
