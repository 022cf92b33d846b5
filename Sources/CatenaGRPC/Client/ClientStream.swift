// SPDX-License-Identifier: Apache-2.0
// One attempt to carry a call over one connection. It reads the response, decides what an odd one means by the specification's
// tables, and tells the call; if the server refused it unseen, the call is begun again instead.
internal import NIOCore

/// The client's side of one stream. Used on the client's loop only.
final class ClientStream: HTTP2Stream {
    /// nil when the call has ended, or has left for another stream.
    private var call: ClientCall?
    private let connection: ClientConnection
    private let limits: GRPCClientConfiguration
    private var head = ResponseHead()
    private var trailersHead = ResponseHead()
    private var hasHead = false
    private var deframer: MessageDeframer
    private var message: ByteBuffer?

    init(call: ClientCall, connection: ClientConnection, limits: GRPCClientConfiguration) {
        self.call = call
        self.connection = connection
        self.limits = limits
        deframer = MessageDeframer(maxLength: limits.maxMessageSize)
        super.init()
        outbound.append(OutboundMessage(GRPCPayload(call.payload)))
        outbound.end()
    }

    // MARK: Response

    override func received(name: Span<UInt8>, value: Span<UInt8>) {
        if hasHead {
            trailersHead.add(name: name, value: value, maxSize: limits.maxMetadataSize)
        } else {
            head.add(name: name, value: value, maxSize: limits.maxMetadataSize)
        }
    }

    override func receivedHeaders() {
        guard !hasHead else { return }
        if head.isInformational {
            head = ResponseHead()
            return
        }
        hasHead = true
        if let failure = head.failure(maxSize: limits.maxMetadataSize) {
            fail(failure, trailers: head.metadata, answeredByServer: head.statusCode != nil)
        }
    }

    override func received(data: Span<UInt8>) {
        guard call != nil else { return }
        do throws(MessageDeframer.Failure) {
            try deframer.read(data, spare: &connection.spareBuffer) { message in
                if self.message == nil { self.message = message } else {
                    fail(GRPCStatus(.unimplemented, "a unary call is answered with one message, the response had more"))
                }
            }
        } catch {
            fail(error.status(head.encoding, limit: limits.maxMessageSize, unknownEncoding: .internal))
        }
    }

    override func receivedEnd() {
        guard call != nil else { return }
        let last = head.statusCode != nil ? head : trailersHead
        guard let status = last.status else {
            return fail(GRPCStatus(.internal, "the response ended without a grpc-status"))
        }
        if status.code != .ok { return fail(status, trailers: last.metadata, answeredByServer: true) }
        if let failure = trailersFailure { return fail(failure) }
        if deframer.isInsideMessage { return fail(GRPCStatus(.internal, "the response ended inside a message")) }
        guard let message else {
            return fail(GRPCStatus(.unimplemented, "a unary call is answered with one message, the response had none"))
        }
        end(.success(GRPCReply(payload: message, metadata: head.metadata, trailers: trailersHead.metadata)))
    }

    /// Trailers with status OK that we cannot hand on; they have no `:status` of their own to judge.
    private var trailersFailure: GRPCStatus? {
        trailersHead.statusCode == nil ? nil : trailersHead.failure(maxSize: limits.maxMetadataSize)
    }

    // MARK: End

    private func fail(_ status: GRPCStatus, trailers: GRPCMetadata = GRPCMetadata(), answeredByServer: Bool = false) {
        end(.failure(GRPCCallError(
            status: status, trailers: trailers, answeredByServer: answeredByServer, mayHaveBeenProcessed: headersSent)))
    }

    /// The call is over as far as its caller is concerned; what is left of the stream is ended too.
    private func end(_ result: Result<GRPCReply, GRPCCallError>) {
        guard let call else { return }
        self.call = nil
        if !(remoteEnded && localEnded) { connection.reset(self, .cancel) }
        call.finish(result)
    }

    /// The call has ended without us.
    func abandon() {
        call = nil
        connection.reset(self, .cancel)
    }

    override func closed(_ code: HTTP2ErrorCode) {
        connection.streamClosed(self)
        guard let call else { return }
        self.call = nil
        if connection.isLost {
            let status = GRPCStatus(.unavailable, "\(connection.target): \(connection.closeReason)")
            call.finish(.failure(GRPCCallError(status: status, mayHaveBeenProcessed: headersSent)))
            return
        }
        if code == .refusedStream, call.beginAgain() { return }
        var status = GRPCStatus(GRPCStatus.Code(resetBy: code), "\(connection.target): the server reset the stream with \(code)")
        // The server's deadline is ours; it may only have noticed first.
        if code == .cancel, let deadline = call.deadline, deadline <= .now() { status.code = .deadlineExceeded }
        call.finish(.failure(GRPCCallError(status: status, mayHaveBeenProcessed: headersSent && code != .refusedStream)))
    }
}
