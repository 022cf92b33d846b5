// SPDX-License-Identifier: Apache-2.0
// One call on a server as a little state machine over its HTTP/2 stream: head, messages, handler, answer. Every way a peer can get
// this wrong ends in a status of the specification, and every way it can leave ends in one cancellation.
internal import NIOCore

/// The server's side of one stream.
///
/// Unchecked because ``ServerCall`` carries it between threads: `head`, `deadline` and `connection` are written before the
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

    /// How long after its deadline a call's answer may wait for its reader.
    private static let unreadGrace = TimeAmount.seconds(1)

    let connection: ServerConnection
    let head = RequestHead()
    @safe @exclusivity(unchecked) private var isHeadComplete = false
    @safe @exclusivity(unchecked) private(set) var deadline: NIODeadline?
    /// When an answer that its reader has not taken by the deadline is given up.
    @safe @exclusivity(unchecked) private var cutTime: NIODeadline?

    @safe @exclusivity(unchecked) private(set) var phase = Phase.receiving
    @safe @exclusivity(unchecked) private var deframer: MessageDeframer
    /// The message of a method that takes one.
    @safe @exclusivity(unchecked) private var message = HeldMessage()
    /// What a call has beyond one message in and one out.
    @safe @exclusivity(unchecked) var inbound: InboundMessages?
    /// Our response head is with nghttp2.
    @safe @exclusivity(unchecked) var isResponseBegun = false
    @safe @exclusivity(unchecked) var readyAction: (() -> Void)?
    @safe @exclusivity(unchecked) var watcher: (any ServerCallWatcher)?

    init(connection: ServerConnection) {
        self.connection = connection
        deframer = MessageDeframer(maxLength: connection.configuration.maxMessageSize)
        super.init()
    }

    override func prepareForReuse() {
        super.prepareForReuse()
        head.reset()
        isHeadComplete = false
        deadline = nil
        cutTime = nil
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
        guard head.isAcceptable(maxSize: connection.maxMetadataSize), let method = head.method else { return refuseHead() }
        if !head.encoding.isIdentity { deframer.encoding = head.encoding }
        if let timeout = head.timeout {
            let deadline = NIODeadline.after(timeout, from: .now())
            self.deadline = deadline
            connection.deadlines.cover(deadline, of: connection)
        }
        unsafe method._withUnsafeGuaranteedRef { method in
            if method.isStream, case .stream(let handler) = method.handler { begin(handler) }
        }
    }

    private func refuseHead() {
        switch head.refusal(maxSize: connection.maxMetadataSize) {
        case .notGRPC(let httpStatus):
            finish(.answered)
            connection.answerNotGRPC(self, httpStatus: httpStatus)
        case .refused(let status): fail(status, trailers: GRPCMetadata())
        case nil: break
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
        // A stream that still receives when data comes is of a method that takes one message.
        if phase == .receiving, message.isEmpty, deframer.isWhole(data) {
            message.borrow(data.extracting(droppingFirst: OutboundMessage.prefixLength))
            isBorrowing = true
            return
        }
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
        } else if self.message.isEmpty {
            self.message.keep(message)
        } else {
            fail(GRPCStatus(.unimplemented, "the method takes one message, the request had more"), trailers: GRPCMetadata())
        }
    }

    override func keepBorrowed() { message.keepBorrowed(&connection.spareBuffer) }

    override func receivedEnd() {
        guard phase == .receiving || phase == .handling, let method = head.method else { return }
        if deframer.isInsideMessage {
            refuse(GRPCStatus(.internal, "the request ended inside a message"))
        } else if inbound != nil {
            inbound?.end()
            deliver()
        } else if message.isEmpty {
            fail(GRPCStatus(.unimplemented, "the method takes one message, the request had none"), trailers: GRPCMetadata())
        } else {
            unsafe method._withUnsafeGuaranteedRef { begin($0.handler, message.take()) }
        }
    }

    private func begin(_ handler: GRPCMethods.Method.Handler, _ message: consuming HeldMessage) {
        phase = .handling
        isBorrowing = false
        switch handler {
        case .borrowing(let handler):
            message.withBytes { handler(ServerCall(stream: self), $0) }
            message.recycle(&connection.spareBuffer)
        case .single(let handler):
            let payload = message.buffer(&connection.spareBuffer)
            handler(ServerCall(stream: self), payload)
            connection.spareBuffer.put(payload)
        case .stream: break  // begun with its head
        }
    }

    /// Ends a call whose request cannot be read; a handler that has it already is told.
    private func refuse(_ status: GRPCStatus) {
        let watcher = watcher.take()
        fail(status, trailers: GRPCMetadata())
        watcher?.callCancelled(.malformed(status))
    }

    // MARK: End

    /// Ends the call if its deadline has passed.
    ///
    /// - Returns: when to look again; `nil` when there is no need.
    func checkDeadline(_ now: NIODeadline) -> NIODeadline? {
        guard phase != .closed, let deadline else { return nil }
        guard (cutTime ?? deadline) <= now else { return cutTime ?? deadline }
        guard cutTime == nil else {
            finish(.answered)
            connection.reset(self, .cancel)
            return nil
        }
        watcher.take()?.callCancelled(.deadlineExceeded)
        fail(GRPCStatus(.deadlineExceeded, "the deadline passed before the call was answered"), trailers: GRPCMetadata())
        // A body that waits for a slow reader holds the status back, and memory as well, also when the handler has done its part. A
        // client ends its call by itself now, and says why to its caller; our reset could only say CANCELLED, so it comes later.
        guard outbound.remainingBytes > 0 else { return nil }
        cutTime = now + Self.unreadGrace
        return cutTime
    }

    override func bodyDrained() {
        guard phase == .handling else { return }
        readyAction?()
    }

    override func closed(_ code: HTTP2ErrorCode) {
        let watcher = watcher.take()
        finish(.closed)
        // Whoever still holds the call does not need what was never sent.
        outbound.removeAll()
        watcher?.callCancelled(connection.isLost ? .connectionLost : .reset(code))
    }

    /// Enters an end state and lets go of what only a call in progress needs.
    func finish(_ phase: Phase) {
        self.phase = phase
        if watcher != nil { watcher = nil }
        if readyAction != nil { readyAction = nil }
        message.removeAll()
        isBorrowing = false
        if inbound != nil { inbound = nil }
    }
}
