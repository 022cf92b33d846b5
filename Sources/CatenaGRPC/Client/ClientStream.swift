// SPDX-License-Identifier: Apache-2.0
// One attempt to carry a call over one connection. It reads the response, decides what an odd one means by the specification's
// tables, and tells the call; if the server refused it unseen, the call is begun again instead.
internal import NIOCore

/// The client's side of one stream. Used on the client's loop only.
@safe final class ClientStream: HTTP2Stream {
    /// nil when the call has ended, or has left for another stream. Not counted: the client's list, which our connection holds, has
    /// each call until it ends, and an ending call leaves its stream first.
    @safe @exclusivity(unchecked) private var call: Unmanaged<ClientCall>?
    private let connection: ClientConnection
    /// The header block that comes in, or came last.
    private let block = ResponseHead()
    @safe @exclusivity(unchecked) private var hasHead = false
    @safe @exclusivity(unchecked) private var deframer: MessageDeframer

    init(connection: ClientConnection) {
        self.connection = connection
        deframer = MessageDeframer(maxLength: connection.maxMessageSize)
        super.init()
    }

    deinit { takeCall() }

    /// Makes this the stream of `call`, before it is submitted.
    func carry(_ call: ClientCall) {
        unsafe self.call = Unmanaged.passUnretained(call)
        call.stream = self
        call.attach(self)
    }

    /// Parts the stream and its call.
    @discardableResult
    private func takeCall() -> ClientCall? {
        guard let call = unsafe call.take()?.takeUnretainedValue() else { return nil }
        call.stream = nil
        return call
    }

    /// The call has left.
    func leaveCall() { call = nil }

    override func prepareForReuse() {
        super.prepareForReuse()
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

    override func bodyDrained() { unsafe call?.takeUnretainedValue().bodyDrained() }

    // MARK: Response

    override func received(name: Span<UInt8>, value: Span<UInt8>) {
        block.add(name: name, value: value, maxSize: connection.maxMetadataSize)
    }

    override func receivedHeaders() {
        guard let call, !hasHead else { return }
        if block.isInformational {
            return block.reset()
        }
        hasHead = true
        guard block.isUsable(maxSize: connection.maxMetadataSize) else { return failWithHead() }
        // A status here is the whole response.
        guard block.statusCode == nil else { return }
        if !block.encoding.isIdentity { deframer.encoding = block.encoding }
        unsafe call._withUnsafeGuaranteedRef { $0.responseBegan(block) }
        block.reset()
    }

    private func failWithHead() {
        guard let failure = block.failure(maxSize: connection.maxMetadataSize) else { return }
        fail(failure, trailers: block.metadata, answeredByServer: block.statusCode != nil)
    }

    override func received(data: Span<UInt8>) {
        guard let call else { return }
        if deframer.isWhole(data),
            unsafe call._withUnsafeGuaranteedRef({ $0.borrow(data.extracting(droppingFirst: OutboundMessage.prefixLength)) })
        {
            isBorrowing = true
            return
        }
        do throws(MessageDeframer.Failure) {
            try deframer.read(data, spare: &connection.client.spareBuffer) { message in
                if let problem = unsafe self.call?.takeUnretainedValue().received(message) { fail(problem) }
            }
        } catch {
            fail(error.status(deframer.encoding, limit: connection.maxMessageSize, unknownEncoding: .internal))
        }
    }

    override func keepBorrowed() { unsafe call?._withUnsafeGuaranteedRef { $0.keepBorrowed() } }

    override func receivedEnd() {
        guard let call else { return }
        guard block.statusCode == .ok, block.isUsable(maxSize: connection.maxMetadataSize), !deframer.isInsideMessage else { return failAtEnd() }
        if let shortfall = unsafe call._withUnsafeGuaranteedRef({ $0.shortfall }) { return fail(shortfall) }
        end(.success(block.metadata))
    }

    private func failAtEnd() {
        let failure = block.failure(maxSize: connection.maxMetadataSize)
        guard let status = block.status else {
            let tooLarge = block.size > connection.maxMetadataSize ? failure : nil
            return fail(tooLarge ?? GRPCStatus(.internal, "the response ended without a grpc-status"))
        }
        if status.code != .ok { return fail(status, trailers: block.metadata, answeredByServer: true) }
        fail(failure ?? GRPCStatus(.internal, "the response ended inside a message"))
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
        guard let call = takeCall() else { return }
        if !(remoteEnded && localEnded) { connection.reset(self, .cancel) }
        call.settle(result)
    }

    /// The call has ended without us.
    func abandon() { connection.reset(self, .cancel) }

    override func closed(_ code: HTTP2ErrorCode) {
        let call = takeCall()
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
