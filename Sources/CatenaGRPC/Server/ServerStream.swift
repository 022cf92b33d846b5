// SPDX-License-Identifier: Apache-2.0
// One call on a server as a little state machine over its HTTP/2 stream: head, message, handler, answer. Every way a peer can get
// this wrong ends in a status of the specification, and every way it can leave ends in one cancellation.
internal import NIOCore

/// The server's side of one stream.
///
/// Unchecked because ``ServerCall`` carries it between threads: `method`, `head`, `deadline` and `connection` are written before the
/// handler runs and never after, and everything else is touched on the connection's loop only, which each entry asserts.
final class ServerStream: HTTP2Stream, @unchecked Sendable {
    private enum Phase {
        /// The request is coming in. Goes to `handling`, `answered` or `closed`.
        case receiving
        /// The handler has the call. Goes to `answered` or `closed`.
        case handling
        /// The answer is with nghttp2. Goes to `closed`.
        case answered
        /// The stream is gone.
        case closed
    }

    let connection: ServerConnection
    private(set) var head = RequestHead()
    private(set) var method: GRPCMethods.Method?
    private(set) var deadline: NIODeadline?

    private var phase = Phase.receiving
    private var deframer: MessageDeframer
    private var message: ByteBuffer?
    private var cancelAction: ((ServerCancellation) -> Void)?

    init(connection: ServerConnection) {
        self.connection = connection
        deframer = MessageDeframer(maxLength: connection.configuration.maxMessageSize)
    }

    // MARK: Request

    override func received(name: Span<UInt8>, value: Span<UInt8>) {
        // Trailers of a request have no meaning in gRPC.
        guard method == nil, phase == .receiving else { return }
        head.add(name: name, value: value, methods: connection.methods, maxSize: connection.configuration.maxMetadataSize)
    }

    override func receivedHeaders() {
        guard method == nil, phase == .receiving else { return }
        switch head.verdict(maxSize: connection.configuration.maxMetadataSize) {
        case .accepted(let method):
            self.method = method
            if let timeout = head.timeout {
                let deadline = NIODeadline.after(timeout, from: .now())
                self.deadline = deadline
                connection.deadlines.cover(deadline)
            }
        case .notGRPC(let httpStatus): connection.answerNotGRPC(self, httpStatus: httpStatus); phase = .answered
        case .refused(let status): fail(status, trailers: GRPCMetadata())
        }
    }

    override func received(data: Span<UInt8>) {
        guard phase == .receiving else { return }
        do throws(MessageDeframer.Failure) {
            try deframer.read(data) { message in
                if self.message == nil { self.message = message } else { refuseSecondMessage() }
            }
        } catch {
            fail(status(for: error), trailers: GRPCMetadata())
        }
    }

    override func receivedEnd() {
        guard phase == .receiving, let method else { return }
        if deframer.isInsideMessage {
            fail(GRPCStatus(.internal, "the request ended inside a message"), trailers: GRPCMetadata())
        } else if let message {
            phase = .handling
            self.message = nil
            method.handler(ServerCall(stream: self), message)
        } else {
            fail(GRPCStatus(.unimplemented, "a unary call takes one message, the request had none"), trailers: GRPCMetadata())
        }
    }

    private func refuseSecondMessage() {
        fail(GRPCStatus(.unimplemented, "a unary call takes one message, the request had more"), trailers: GRPCMetadata())
    }

    private func status(for failure: MessageDeframer.Failure) -> GRPCStatus {
        switch failure {
        case .compressed:
            if let encoding = head.encoding {
                return GRPCStatus(.unimplemented, "messages compressed with \"\(encoding)\" are not supported")
            }
            return GRPCStatus(.internal, "a message is marked as compressed, but no grpc-encoding was named")
        case .invalidFlag(let flag): return GRPCStatus(.internal, "the compressed flag of a message is \(flag), not 0 or 1")
        case .tooLarge(let length):
            return GRPCStatus(
                .resourceExhausted, "a message of \(length) bytes is above the limit of \(connection.configuration.maxMessageSize)")
        }
    }

    // MARK: Answer

    func respond(_ payload: ByteBuffer, trailers: GRPCMetadata) -> Bool {
        connection.eventLoop.assertInEventLoop()
        guard phase == .handling else { return false }
        finish(.answered)
        outbound = OutboundMessage(payload)
        self.trailers = connection.okTrailers
        if !trailers.isEmpty {
            let block = HeaderBlock()
            block.append(.ok)
            block.append(trailers)
            self.trailers = block
        }
        connection.answer(self)
        return true
    }

    @discardableResult
    func fail(_ status: GRPCStatus, trailers: GRPCMetadata) -> Bool {
        connection.eventLoop.assertInEventLoop()
        guard phase == .receiving || phase == .handling else { return false }
        finish(.answered)
        connection.answerTrailersOnly(self, status, trailers)
        return true
    }

    func setCancelAction(_ action: @escaping (ServerCancellation) -> Void) {
        connection.eventLoop.assertInEventLoop()
        if phase == .handling { cancelAction = action }
    }

    /// Ends the call if its deadline has passed; gives the deadline if it has not.
    func checkDeadline(_ now: NIODeadline) -> NIODeadline? {
        guard phase == .receiving || phase == .handling, let deadline else { return nil }
        guard deadline <= now else { return deadline }
        let action = cancelAction
        cancelAction = nil
        action?(.deadlineExceeded)
        fail(GRPCStatus(.deadlineExceeded, "the deadline passed before the call was answered"), trailers: GRPCMetadata())
        return nil
    }

    override func closed(_ code: HTTP2ErrorCode) {
        let action = cancelAction
        finish(.closed)
        action?(connection.isLost ? .connectionLost : .reset(code))
    }

    /// Enters an end state and lets go of what only a call in progress needs.
    private func finish(_ phase: Phase) {
        self.phase = phase
        cancelAction = nil
        message = nil
    }
}
