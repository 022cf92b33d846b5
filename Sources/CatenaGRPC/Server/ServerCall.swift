// SPDX-License-Identifier: Apache-2.0
// What a handler holds of a call: a view of the stream and nothing else, so making one costs no allocation. It may travel between
// threads with the work it stands for; the answer must come home to the call's loop.
public import NIOCore

/// One call on a server, from its handler's side.
///
/// The properties may be read from any thread; the methods may be called on ``eventLoop`` only, which is checked in debug builds.
/// A call that is never answered stays open until its deadline, its caller or its connection ends it.
public struct ServerCall: Sendable {
    let stream: ServerStream

    /// The full path, `/package.Service/Method`.
    public var method: String { unsafe stream.head.method?._withUnsafeGuaranteedRef { $0.path } ?? "" }
    /// The caller's metadata; names that HTTP/2 and gRPC reserve are not in it.
    public var metadata: GRPCMetadata { stream.head.metadata }
    /// When the caller stops waiting, from `grpc-timeout` and the moment the request's head came; nil when it waits for ever.
    public var deadline: NIODeadline? { stream.deadline }
    /// The caller's end of the connection, such as `tcp://10.0.0.7:41522`; `unix://` for a client of a Unix socket, which has no name.
    public var peer: String { stream.connection.peer }
    /// The loop of the connection, on which the handler was called.
    public var eventLoop: any EventLoop { stream.connection.eventLoop }
    /// The identity of ``eventLoop``.
    package var loop: ObjectIdentifier { stream.connection.loop }

    /// Answers with a message and status OK.
    ///
    /// - Returns: false, and nothing was done, when the call is answered already or its caller has gone.
    @discardableResult
    public func respond(_ payload: ByteBuffer, trailers: GRPCMetadata = GRPCMetadata()) -> Bool {
        stream.respond(GRPCPayload(payload), trailers: trailers)
    }

    /// Answers with a message that is in memory of the handler's own, and status OK.
    ///
    /// - Returns: false, and nothing was done, when the call is answered already or its caller has gone.
    @discardableResult
    public func respond(_ payload: consuming GRPCPayload) -> Bool {
        stream.respond(payload, trailers: GRPCMetadata())
    }

    /// Answers with a status and no message. A status of OK without a message breaks the contract of a unary call, and is sent as INTERNAL.
    ///
    /// - Returns: false, and nothing was done, when the call is answered already or its caller has gone.
    @discardableResult
    public func fail(_ status: GRPCStatus, trailers: GRPCMetadata = GRPCMetadata()) -> Bool {
        stream.fail(
            status.code == .ok ? GRPCStatus(.internal, "the handler failed the call with status OK") : status, trailers: trailers)
    }

    /// Sets what runs, once and on the loop, when the call is cancelled before it is answered. Set again, the later one counts; on a
    /// call that is answered or cancelled already it is dropped.
    public func onCancel(_ action: @escaping (ServerCancellation) -> Void) {
        stream.setWatcher(CancelAction(action))
    }

    /// Sets who is told, as ``onCancel(_:)`` sets what runs: the later of both counts. It is held until the call is answered or told.
    package func watch(_ watcher: any ServerCallWatcher) {
        stream.setWatcher(watcher)
    }
}

// MARK: - More than one message out

extension ServerCall {
    /// Sends the response's metadata now. Without this, an empty head goes with the first message.
    ///
    /// - Returns: false, and nothing was done, when the head has been sent or the call is over.
    @discardableResult
    public func sendMetadata(_ metadata: GRPCMetadata) -> Bool {
        stream.beginResponse(metadata)
    }

    /// Queues a message. It leaves as the client reads; who sends much waits while ``isReady`` is false.
    ///
    /// - Returns: false, and nothing was done, when the call is answered already or its caller has gone.
    @discardableResult
    public func send(_ payload: ByteBuffer) -> Bool {
        stream.send(GRPCPayload(payload))
    }

    /// Ends the call with status OK, after all that was sent.
    ///
    /// - Returns: false, and nothing was done, when the call is answered already or its caller has gone.
    @discardableResult
    public func finish(trailers: GRPCMetadata = GRPCMetadata()) -> Bool {
        stream.finish(trailers: trailers)
    }

    /// Ends the call with a status, after all that was sent, for a caller that may not read it: what is unread after `grace` is given
    /// up, and the stream reset, so that nobody who waits for this call waits longer.
    ///
    /// - Returns: false, and nothing was done, when the call is answered already or its caller has gone.
    @discardableResult
    package func fail(_ status: GRPCStatus, unreadFor grace: TimeAmount) -> Bool {
        guard fail(status) else { return false }
        stream.giveUp(unreadAfter: grace)
        return true
    }

    /// Whether more should be sent now: false while more than 64 KiB waits for the client to read, and when the call is over.
    /// Nothing enforces it; what is sent all the same is kept in memory.
    public var isReady: Bool { stream.isReady }

    /// Sets what runs on the loop each time ``isReady`` has become true again. It is let go of when the call is over.
    public func onReady(_ action: @escaping () -> Void) {
        stream.onReady(action)
    }
}

// MARK: - More than one message in

extension ServerCall {
    /// Sets who gets the messages of the request, in their order and on the loop, and who is told that the client has sent its last.
    /// To be called once by the handler of a streaming method, now or later; until then the client can send what the stream's window
    /// holds. Both are let go of when the call is over.
    public func onMessage(_ action: @escaping (_ payload: ByteBuffer) -> Void, end: @escaping () -> Void) {
        stream.onMessage(action, end: end)
    }

    /// Stops the messages until ``resumeReading()``. The client can send what the stream's window of 1 MiB holds, and then waits.
    public func pauseReading() {
        stream.pauseReading()
    }

    /// Goes on with the messages; those that wait come within this call, or right after the message within which it is called.
    public func resumeReading() {
        stream.resumeReading()
    }
}
