// SPDX-License-Identifier: Apache-2.0
// The two ways a call can end for its caller: a reply, or a failure that says what a caller may conclude about the other side.
public import NIOCore

/// The answer to a call that ended with status OK.
public struct GRPCReply: Sendable {
    /// The message's bytes, without gRPC's framing.
    public var payload: ByteBuffer
    /// What the server sent before the message.
    public var metadata: GRPCMetadata
    /// What the server sent after the message.
    public var trailers: GRPCMetadata
}

/// A call that ended with a status other than OK.
public struct GRPCCallError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The server's status, or one made here when the server gave none.
    public var status: GRPCStatus
    /// What the server sent with its status.
    public var trailers = GRPCMetadata()
    /// The status is the server's own: it has dealt with the call and this is its answer.
    public var answeredByServer = false
    /// Whether the call may have reached a handler. False is certain: no connection, never sent, or refused before it began
    /// (REFUSED_STREAM, or above the last stream of a GOAWAY).
    public var mayHaveBeenProcessed: Bool

    public var description: String { "\(status)" }
}
