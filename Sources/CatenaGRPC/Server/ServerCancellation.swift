// SPDX-License-Identifier: Apache-2.0
// Why nobody waits for an answer any more. A handler that talks to others passes the reason on; one that does not can ignore it.

/// Who wants to know that a call was cancelled before it was answered.
package protocol ServerCallWatcher: AnyObject {
    /// Called once, on the call's loop.
    func callCancelled(_ why: ServerCancellation)
}

/// A watcher that is a closure.
final class CancelAction: ServerCallWatcher {
    private let action: (ServerCancellation) -> Void

    init(_ action: @escaping (ServerCancellation) -> Void) { self.action = action }

    func callCancelled(_ why: ServerCancellation) { action(why) }
}

/// The reason a call was cancelled before it was answered.
public enum ServerCancellation: Hashable, Sendable {
    /// The client reset the stream: it cancelled, or its own deadline passed.
    case reset(HTTP2ErrorCode)
    /// The connection is gone.
    case connectionLost
    /// The call's deadline passed here. If the handler has not answered by the time it has been told, DEADLINE_EXCEEDED is sent.
    case deadlineExceeded
    /// The request cannot be read any further; the status is what the caller was told.
    case malformed(GRPCStatus)
}
