// SPDX-License-Identifier: Apache-2.0
// One call on a server as a little state machine over its HTTP/2 stream: head, messages, handler, answer. Every way a peer can get
// this wrong ends in a status of the specification, and every way it can leave ends in one cancellation.
internal import NIOCore

/// The server's side of one stream.
///
/// Unchecked because ``ServerCall`` carries it between threads: `method`, `head`, `deadline` and `connection` are written before the
/// handler runs and not again while anyone holds the call, and everything else is touched on the connection's loop only, which each
/// entry asserts.
final class ServerStream: HTTP2Stream, @unchecked Sendable {
    enum Phase {
        /// The request is coming in, and nobody has the call yet. Goes to `handling`, `answered` or `closed`.
        case receiving
        /// The handler has the call. Goes to `answered` or `closed`.
        case handling
        /// The whole answer is with nghttp2. Goes to `closed`.
        case answered
        /// The stream is gone.
        case closed
    }

    let connection: ServerConnection
    let head = RequestHead()
    /// Set with the head's acceptance; the connection's table of methods keeps it.
    @safe @exclusivity(unchecked) private(set) unowned(unsafe) var method: GRPCMethods.Method?
    @safe @exclusivity(unchecked) private var isHeadComplete = false
    @safe @exclusivity(unchecked) private(set) var deadline: NIODeadline?

    @safe @exclusivity(unchecked) private(set) var phase = Phase.receiving
    @safe @exclusivity(unchecked) private var deframer: MessageDeframer
    /// The message of a method that takes one.
    @safe @exclusivity(unchecked) private var message: ByteBuffer?
    /// What a call has beyond one message in and one out.
    @safe @exclusivity(unchecked) var inbound: InboundMessages?
    /// Our response head is with nghttp2.
    @safe @exclusivity(unchecked) var isResponseBegun = false
    @safe @exclusivity(unchecked) var readyAction: (() -> Void)?
    @safe @exclusivity(unchecked) var cancelAction: ((ServerCancellation) -> Void)?

    init(connection: ServerConnection) {
        self.connection = connection
        deframer = MessageDeframer(maxLength: connection.configuration.maxMessageSize)
        super.init()
    }

    override func prepareForReuse() {
        super.prepareForReuse()
        head.reset()
        method = nil
        isHeadComplete = false
        deadline = nil
        phase = .receiving
        deframer.reset()
        inbound = nil
        isResponseBegun = false
    }

    // MARK: Request

    override func received(name: Span<UInt8>, value: Span<UInt8>) {
        // Trailers of a request have no meaning in gRPC.
        guard !isHeadComplete, phase == .receiving else { return }
        head.add(name: name, value: value, to: connection)
    }

    override func receivedHeaders() {
        guard !isHeadComplete, phase == .receiving else { return }
        isHeadComplete = true
        switch head.verdict(maxSize: connection.maxMetadataSize) {
        case .accepted:
            let method = head.method
            self.method = method
            if head.encoding != .identity { deframer.encoding = head.encoding }
            if let timeout = head.timeout {
                let deadline = NIODeadline.after(timeout, from: .now())
                self.deadline = deadline
                connection.deadlines.cover(deadline, of: connection)
            }
            if case .stream(let handler) = method?.handler { begin(handler) }
        case .notGRPC(let httpStatus):
            finish(.answered)
            connection.answerNotGRPC(self, httpStatus: httpStatus)
        case .refused(let status): fail(status, trailers: GRPCMetadata())
        }
    }

    private func begin(_ handler: GRPCMethods.StreamHandler) {
        inbound = InboundMessages()
        // Nothing is read before the handler says what to do with it.
        isReadingPaused = true
        phase = .handling
        handler(ServerCall(stream: self))
    }

    override func received(data: Span<UInt8>) {
        guard phase == .receiving || phase == .handling else { return }
        do throws(MessageDeframer.Failure) {
            try deframer.read(data, spare: &connection.spareBuffer) { message in received(message) }
        } catch {
            refuse(error.status(head.encoding, limit: connection.configuration.maxMessageSize, unknownEncoding: .unimplemented))
        }
    }

    private func received(_ message: ByteBuffer) {
        // A message before it may have been the end of the call.
        guard phase == .receiving || phase == .handling else { return }
        if inbound != nil {
            inbound?.queue(message)
            deliver()
        } else if self.message == nil {
            self.message = message
        } else {
            fail(GRPCStatus(.unimplemented, "the method takes one message, the request had more"), trailers: GRPCMetadata())
        }
    }

    override func receivedEnd() {
        guard phase == .receiving || phase == .handling, let method else { return }
        if deframer.isInsideMessage {
            refuse(GRPCStatus(.internal, "the request ended inside a message"))
        } else if inbound != nil {
            inbound?.end()
            deliver()
        } else if case .single(let handler) = method.handler, let message {
            phase = .handling
            self.message = nil
            handler(ServerCall(stream: self), message)
            connection.spareBuffer.put(message)
        } else {
            fail(GRPCStatus(.unimplemented, "the method takes one message, the request had none"), trailers: GRPCMetadata())
        }
    }

    /// Ends a call whose request cannot be read; a handler that has it already is told.
    private func refuse(_ status: GRPCStatus) {
        let action = cancelAction
        cancelAction = nil
        fail(status, trailers: GRPCMetadata())
        action?(.malformed(status))
    }

    /// Gives the handler what has come, as long as it wants it. A handler that stops and goes on from within a message is served by
    /// the loop that runs already: a burst of small messages must not become a tower of calls.
    func deliver() {
        guard inbound?.isDelivering == false else { return }
        inbound?.isDelivering = true
        defer { inbound?.isDelivering = false }
        while phase == .handling, !isReadingPaused, let event = inbound?.next() {
            switch event {
            case .message(let message, let action): action(message)
            case .end(let action): action()
            }
        }
    }

    // MARK: End

    /// Ends the call if its deadline has passed; gives the deadline if it has not.
    func checkDeadline(_ now: NIODeadline) -> NIODeadline? {
        guard phase != .closed, let deadline else { return nil }
        guard deadline <= now else { return deadline }
        // A body that waits for a slow reader holds the status back, and memory as well, also when the handler has done its part.
        let isStuck = outbound.remainingBytes > 0
        let action = cancelAction
        cancelAction = nil
        action?(.deadlineExceeded)
        if isStuck {
            finish(.answered)
            connection.reset(self, .cancel)
        } else {
            fail(GRPCStatus(.deadlineExceeded, "the deadline passed before the call was answered"), trailers: GRPCMetadata())
        }
        return nil
    }

    override func bodyDrained() {
        guard phase == .handling else { return }
        readyAction?()
    }

    override func closed(_ code: HTTP2ErrorCode) {
        let action = cancelAction
        finish(.closed)
        // Whoever still holds the call does not need what was never sent.
        outbound.removeAll()
        action?(connection.isLost ? .connectionLost : .reset(code))
    }

    /// Enters an end state and lets go of what only a call in progress needs.
    func finish(_ phase: Phase) {
        self.phase = phase
        cancelAction = nil
        readyAction = nil
        message = nil
        inbound = nil
    }
}
