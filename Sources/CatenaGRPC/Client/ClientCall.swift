// SPDX-License-Identifier: Apache-2.0
// One call from its beginning to its completion, whatever connections it meets on the way. The stream that carries it can change
// once, when a server refuses it unseen; the caller sees one call and one completion.
internal import NIOCore

/// A call begun on a ``GRPCClient``.
///
/// Unchecked because the request is written once, before the call is shared, and everything else is touched on the client's loop only.
public final class ClientCall: @unchecked Sendable {
    typealias Completion = @Sendable (Result<GRPCReply, GRPCCallError>) -> Void

    let method: String
    let payload: ByteBuffer
    let metadata: GRPCMetadata
    let deadline: NIODeadline?
    private let client: GRPCClient

    /// Runs once; nil when it has.
    private var completion: Completion?
    /// The stream that carries the call; nil while it waits for one.
    var stream: ClientStream?
    /// The call has been begun a second time after a server refused it.
    var wasRetried = false
    /// The place in the client's list of calls; -1 when it is not there.
    var slot = -1

    init(
        client: GRPCClient, method: String, payload: ByteBuffer, metadata: GRPCMetadata, deadline: NIODeadline?,
        completion: @escaping Completion
    ) {
        self.client = client
        self.method = method
        self.payload = payload
        self.metadata = metadata
        self.deadline = deadline
        self.completion = completion
    }

    /// Ends the call with CANCELLED, and tells the server if it has been sent. Any thread; does nothing when the call has ended.
    public func cancel() {
        if client.eventLoop.inEventLoop { abandon(.cancelled, "the caller cancelled the call") } else {
            client.eventLoop.execute { self.abandon(.cancelled, "the caller cancelled the call") }
        }
    }

    var isEnded: Bool { completion == nil }

    /// Ends the call from our side: the stream is reset, the caller told.
    func abandon(_ code: GRPCStatus.Code, _ message: String) {
        guard !isEnded else { return }
        let stream = self.stream
        finish(.failure(GRPCCallError(status: GRPCStatus(code, message), mayHaveBeenProcessed: stream?.headersSent ?? false)))
        stream?.abandon()
    }

    /// Ends the call and tells the caller.
    func finish(_ result: Result<GRPCReply, GRPCCallError>) {
        guard let completion else { return }
        self.completion = nil
        stream = nil
        client.forget(self)
        completion(result)
    }

    /// Begins the call again if it never was: once, on whatever connection the client has by then.
    ///
    /// - Returns: false when it had its second chance.
    func beginAgain() -> Bool {
        guard !isEnded, !wasRetried else { return false }
        wasRetried = true
        stream = nil
        client.begin(self)
        return true
    }
}
