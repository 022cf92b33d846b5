// SPDX-License-Identifier: Apache-2.0
// One attempt to carry a call over one connection. It reads the response, decides what an odd one means by the specification's
// tables, and tells the call; if the server refused it unseen, the call is begun again instead.
internal import NIOCore

/// The client's side of one stream. Used on the client's loop only.
final class ClientStream: HTTP2Stream {
    /// nil when the call has ended, or has left for another stream.
    @safe @exclusivity(unchecked) private var call: ClientCall?
    private let connection: ClientConnection
    private let limits: GRPCClientConfiguration
    /// The header block that comes in, or came last.
    private let block = ResponseHead()
    @safe @exclusivity(unchecked) private var hasHead = false
    @safe @exclusivity(unchecked) private var deframer: MessageDeframer

    init(connection: ClientConnection, limits: GRPCClientConfiguration) {
        self.connection = connection
        self.limits = limits
        deframer = MessageDeframer(maxLength: limits.maxMessageSize)
        super.init()
    }

    /// Makes this the stream of `call`, before it is submitted.
    func carry(_ call: ClientCall) {
        self.call = call
        call.stream = self
        call.attach(self)
    }

    override func prepareForReuse() {
        super.prepareForReuse()
        call = nil
        block.reset()
        hasHead = false
        deframer.reset()
    }

    // MARK: Request

    func send(_ payload: ByteBuffer) {
        outbound.append(connection.encoding.outbound(GRPCPayload(payload)))
        connection.bodyChanged(self)
    }

    func finishBody() {
        outbound.end()
        connection.bodyChanged(self)
    }

    override func bodyDrained() { call?.bodyDrained() }

    // MARK: Response

    override func received(name: Span<UInt8>, value: Span<UInt8>) {
        block.add(name: name, value: value, maxSize: limits.maxMetadataSize)
    }

    override func receivedHeaders() {
        guard let call, !hasHead else { return }
        if block.isInformational {
            return block.reset()
        }
        hasHead = true
        if let failure = block.failure(maxSize: limits.maxMetadataSize) {
            return fail(failure, trailers: block.metadata, answeredByServer: block.statusCode != nil)
        }
        // A status here is the whole response.
        guard block.statusCode == nil else { return }
        if block.encoding != .identity { deframer.encoding = block.encoding }
        let metadata = block.metadata
        block.reset()
        call.received(metadata)
    }

    override func received(data: Span<UInt8>) {
        guard call != nil else { return }
        do throws(MessageDeframer.Failure) {
            try deframer.read(data, spare: &connection.client.spareBuffer) { message in
                if let problem = call?.received(message) { fail(problem) }
            }
        } catch {
            fail(error.status(deframer.encoding, limit: limits.maxMessageSize, unknownEncoding: .internal))
        }
    }

    override func receivedEnd() {
        guard let call else { return }
        guard let status = block.status else {
            let tooLarge = block.size > limits.maxMetadataSize ? block.failure(maxSize: limits.maxMetadataSize) : nil
            return fail(tooLarge ?? GRPCStatus(.internal, "the response ended without a grpc-status"))
        }
        if status.code != .ok { return fail(status, trailers: block.metadata, answeredByServer: true) }
        if let failure = block.failure(maxSize: limits.maxMetadataSize) { return fail(failure) }
        if deframer.isInsideMessage { return fail(GRPCStatus(.internal, "the response ended inside a message")) }
        if let shortfall = call.shortfall { return fail(shortfall) }
        end(.success(block.metadata))
    }

    func resumeReading() {
        guard isReadingPaused else { return }
        isReadingPaused = false
        connection.refillWindow(of: self)
    }

    // MARK: End

    private func fail(_ status: GRPCStatus, trailers: GRPCMetadata = GRPCMetadata(), answeredByServer: Bool = false) {
        end(.failure(GRPCCallError(
            status: status, trailers: trailers, answeredByServer: answeredByServer, mayHaveBeenProcessed: headersSent)))
    }

    /// The call is over as far as the server is concerned; what is left of the stream is ended too.
    private func end(_ result: Result<GRPCMetadata, GRPCCallError>) {
        guard let call else { return }
        self.call = nil
        if !(remoteEnded && localEnded) { connection.reset(self, .cancel) }
        call.settle(result)
    }

    /// The call has ended without us.
    func abandon() {
        call = nil
        connection.reset(self, .cancel)
    }

    override func closed(_ code: HTTP2ErrorCode) {
        let call = self.call
        self.call = nil
        connection.streamClosed(self, isRefused: code == .refusedStream)
        guard let call else { return }
        let isUnseen = code == .refusedStream || !headersSent
        if isUnseen, connection.beginAgain(call, wasSent: headersSent) { return }
        call.settle(.failure(GRPCCallError(status: status(of: code, call), mayHaveBeenProcessed: !isUnseen)))
    }

    private func status(of code: HTTP2ErrorCode, _ call: ClientCall) -> GRPCStatus {
        if connection.isLost { return GRPCStatus(.unavailable, "\(connection.target): \(connection.closeReason)") }
        var status = GRPCStatus(GRPCStatus.Code(resetBy: code), "\(connection.target): the server reset the stream with \(code)")
        // The server's deadline is ours; it may only have noticed first.
        if code == .cancel, let deadline = call.deadline, deadline <= .now() { status.code = .deadlineExceeded }
        return status
    }
}
