// SPDX-License-Identifier: Apache-2.0
// The kind of call with any number of messages each way. It may be used from any thread, so that what it says to others is in
// atomics and what it does is on the loop. What was sent is kept, up to a limit, until the server answers: a refused call loses nothing.
public import NIOCore
internal import Synchronization

/// A call of any number of messages each way, begun with ``GRPCClient/stream(_:metadata:deadline:waitForReady:events:)``.
///
/// Every method may be called from any thread: on the client's loop it acts at once, from elsewhere it hops there, in the order of
/// the calls of each thread.
///
/// Unchecked because `takesMessages`, `isRoom` and `hopping` are atomic, and everything else is touched on the client's loop only.
public final class ClientStreamCall: ClientCall, @unchecked Sendable {
    /// A call of which no more than this was sent can be begun again when a server refuses it.
    private static let replayLimit = 64 << 10

    /// Let go of at the end: their owner may hold the call.
    private var events: ClientStreamEvents?
    /// Neither ended nor ``finishSending()``.
    private let takesMessages = Atomic(true)
    /// Little waits to be written, here or on the way to the loop.
    private let isRoom = Atomic(true)
    /// Bytes that were handed over on other threads and have not reached the loop.
    private let hopping = Atomic(0)

    // Out. `sent` is what a stream to come will have to send, also when one has sent it before.
    private var sent: [ByteBuffer] = []
    private var sentBytes = 0
    private var keepsSent = true
    private var isSendingFinished = false

    // In.
    private var inbound = CircularBuffer<ByteBuffer>()
    private var isReadingPaused = false
    private var isDelivering = false
    /// How the stream ended, while messages wait for a reader that has paused.
    private var ending: Result<GRPCMetadata, GRPCCallError>?

    init(
        client: GRPCClient, method: String, metadata: GRPCMetadata, deadline: NIODeadline?, waitForReady: Bool, events: ClientStreamEvents
    ) {
        self.events = events
        super.init(client: client, method: method, metadata: metadata, deadline: deadline, waitForReady: waitForReady)
    }

    // MARK: Any thread

    /// Queues a message; the bytes without gRPC's framing. It leaves as the server reads; who sends much waits while ``isReady`` is
    /// false. Before there is a connection it waits for one.
    ///
    /// - Returns: false, and nothing was done, when the call has ended or ``finishSending()`` was called.
    @discardableResult
    public func send(_ payload: ByteBuffer) -> Bool {
        guard takesMessages.load(ordering: .acquiring) else { return false }
        if client.eventLoop.inEventLoop {
            push(payload)
        } else {
            let waiting = hopping.add(payload.readableBytes, ordering: .relaxed).newValue
            // The hop that leaves none behind it looks again.
            if waiting > OutboundMessages.highWaterMark { isRoom.store(false, ordering: .releasing) }
            client.eventLoop.execute {
                self.hopping.subtract(payload.readableBytes, ordering: .relaxed)
                self.push(payload)
            }
        }
        return true
    }

    /// Whether more should be sent now: false while more than 64 KiB waits for the server to read, and when the call has ended.
    /// Nothing enforces it; what is sent all the same is kept in memory.
    public var isReady: Bool {
        takesMessages.load(ordering: .acquiring) && isRoom.load(ordering: .acquiring)
    }

    /// Says that no message follows. Does nothing the second time.
    public func finishSending() {
        guard takesMessages.exchange(false, ordering: .acquiringAndReleasing) else { return }
        onLoop { call in
            call.isSendingFinished = true
            call.stream?.finishBody()
        }
    }

    /// Stops the messages until ``resumeReading()``. The server can send what the stream's window of 1 MiB holds, and then waits.
    public func pauseReading() {
        onLoop { call in
            call.isReadingPaused = true
            call.stream?.isReadingPaused = true
        }
    }

    /// Goes on with the messages; those that wait come first.
    public func resumeReading() {
        onLoop { call in
            call.isReadingPaused = false
            call.deliver()
        }
    }

    private func onLoop(_ action: @escaping @Sendable (ClientStreamCall) -> Void) {
        if client.eventLoop.inEventLoop { action(self) } else { client.eventLoop.execute { action(self) } }
    }

    // MARK: Out

    private func push(_ payload: ByteBuffer) {
        guard !isEnded, !isSendingFinished else { return }
        if keepsSent {
            sent.append(payload)
            sentBytes += payload.readableBytes
        }
        stream?.send(payload)
        dropSentIfLong()
        updateRoom()
    }

    override func attach(_ stream: ClientStream) {
        stream.isReadingPaused = isReadingPaused
        for message in sent { stream.outbound.append(client.encoding.outbound(GRPCPayload(message))) }
        if isSendingFinished { stream.outbound.end() }
        updateRoom()
    }

    override var isReplayable: Bool { keepsSent }

    override func bodyDrained() {
        dropSentIfLong()
        updateRoom()
    }

    /// What has left on a stream is kept up to the limit; what has not left must be kept.
    private func dropSentIfLong() {
        if sentBytes > Self.replayLimit, stream?.headersSent == true { dropSent() }
    }

    private func dropSent() {
        keepsSent = false
        sent = []
    }

    /// Publishes whether there is room, and tells when there is again.
    private func updateRoom() {
        let isFull = stream.map { $0.outbound.isFull } ?? (sentBytes > OutboundMessages.highWaterMark)
        let isRoom = !isFull && hopping.load(ordering: .relaxed) <= OutboundMessages.lowWaterMark
        let wasRoom = self.isRoom.exchange(isRoom, ordering: .acquiringAndReleasing)
        if isRoom, !wasRoom, !isEnded, !isSendingFinished { events?.onReady?() }
    }

    // MARK: In

    override func responseBegan(_ head: ResponseHead) {
        dropSent()
        events?.onMetadata?(head.metadata)
    }

    override func received(_ message: ByteBuffer) -> GRPCStatus? {
        inbound.append(message)
        deliver()
        return nil
    }

    override var mayHaveBeenProcessed: Bool { ending != nil || super.mayHaveBeenProcessed }

    override func settle(_ result: Result<GRPCMetadata, GRPCCallError>) {
        ending = result
        deliver()
    }

    /// Gives the caller what has come, one at a time, since any of them may make it pause.
    private func deliver() {
        guard !isDelivering else { return }
        isDelivering = true
        while !isEnded, !isReadingPaused, let message = inbound.popFirst() { events?.onMessage(message) }
        isDelivering = false
        guard !isEnded, !isReadingPaused else { return }
        if let ending { end(ending) } else { stream?.resumeReading() }
    }

    override func tell(_ result: Result<GRPCMetadata, GRPCCallError>) {
        takesMessages.store(false, ordering: .releasing)
        inbound.removeAll()
        ending = nil
        dropSent()
        let events = self.events
        self.events = nil
        events?.onEnd(result)
    }
}
