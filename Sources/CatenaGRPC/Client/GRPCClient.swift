// SPDX-License-Identifier: Apache-2.0
// What the users of a client see: calls from any thread, a state to watch, an end. What happens to its connection on the loop is in
// GRPCClient+Connection.swift.
public import NIOCore
internal import Synchronization

/// A gRPC client of one server, over one HTTP/2 connection that is made when it is first needed and made again when it was lost.
///
/// All public methods may be called from any thread. Completions and observers run on ``eventLoop``. A client should be ended with
/// ``shutdown(_:)``: until then, one that has a connection or calls in flight stays alive although nobody holds it.
///
/// Unchecked because the properties below the line are touched on `eventLoop` only, and the others never change or are locked.
@safe public final class GRPCClient: @unchecked Sendable {
    public let target: GRPCAddress
    public let eventLoop: any EventLoop
    let configuration: GRPCClientConfiguration
    /// What messages are compressed with.
    let encoding: MessageEncoding
    private let publishedState = Atomic(GRPCClientState.idle.rawValue)

    // On the loop only.
    var link = Link.none {
        didSet { if case .ready(let connection) = link { unsafe ready = Unmanaged.passUnretained(connection) } else { ready = nil } }
    }
    /// The connection of a `link` that is ready. Not counted: beginning a call ends no connection, and until it is closed `open` has it.
    @safe @exclusivity(unchecked) private(set) var ready: Unmanaged<ClientConnection>?
    /// Calls that wait for a connection.
    var waiting = WaitingCalls()
    var backoff: ConnectBackoff
    /// The next attempt, when calls wait for it.
    var redial: Scheduled<Void>?
    /// What ``connect()`` has promised.
    var connectPromises: [EventLoopPromise<Void>] = []
    /// Every connection whose channel is not yet gone.
    var open: [ClientConnection] = []
    /// The calls that have not ended, each held once. Unmanaged, so that moving one within the list counts nothing.
    @safe @exclusivity(unchecked) var slots: ContiguousArray<Unmanaged<ClientCall>> = unsafe []
    private var observers: [(id: Int, action: @Sendable (GRPCClientState) -> Void)] = []
    private var nextObserver = 0
    /// What calls get that come after the end.
    var shutdownStatus: GRPCStatus?
    var shutdownPromises: [EventLoopPromise<Void>] = []
    /// Memory for the next message.
    @safe @exclusivity(unchecked) var spareBuffer = SpareBuffer()
    let deadlines: DeadlineTimer

    /// A client that has no connection yet.
    ///
    /// - Parameter eventLoop: A loop of swift-nio's `MultiThreadedEventLoopGroup`; everything about the client happens there.
    public init(
        target: GRPCAddress, on eventLoop: any EventLoop, configuration: GRPCClientConfiguration = GRPCClientConfiguration()
    ) {
        self.target = target
        self.eventLoop = eventLoop
        self.configuration = configuration
        encoding = configuration.compression.encoding
        backoff = ConnectBackoff(configuration.backoff)
        deadlines = DeadlineTimer(on: eventLoop)
    }

    deinit {
        for unsafe call in unsafe slots { unsafe call.release() }
    }

    /// Begins a unary call.
    ///
    /// On the client's loop it begins at once, and all calls begun in one turn of the loop leave in one write; from another thread it
    /// hops there. Without a connection, one is made first and the call waits for it. A call that the server refused before it began
    /// (REFUSED_STREAM, GOAWAY) is begun again, up to five times.
    ///
    /// - Parameters:
    ///   - method: `/package.Service/Method`.
    ///   - payload: The message's bytes, without gRPC's framing.
    ///   - deadline: When to give up with DEADLINE_EXCEEDED, here and, through `grpc-timeout`, at the server; nil for never.
    ///   - waitForReady: A failed attempt to connect does not fail the call: it waits for the next, until its deadline.
    ///   - completion: Runs once, on the loop, and never before this method has returned.
    @discardableResult
    public func call(
        _ method: String, payload: ByteBuffer, metadata: GRPCMetadata = GRPCMetadata(), deadline: NIODeadline? = nil,
        waitForReady: Bool = false, completion: @escaping @Sendable (Result<GRPCReply, GRPCCallError>) -> Void
    ) -> ClientCall {
        call(
            method, payload: GRPCPayload(payload), metadata: metadata, deadline: deadline, waitForReady: waitForReady,
            completion: completion)
    }

    /// Begins a unary call whose message is in memory of the caller's own; otherwise as the method above.
    @discardableResult
    public func call(
        _ method: String, payload: GRPCPayload, metadata: GRPCMetadata = GRPCMetadata(), deadline: NIODeadline? = nil,
        waitForReady: Bool = false, completion: @escaping @Sendable (Result<GRPCReply, GRPCCallError>) -> Void
    ) -> ClientCall {
        let call = CompletedCall(
            self, method, payload: payload, metadata: metadata, deadline: deadline, waitForReady: waitForReady, completion: completion)
        call.begin()
        return call
    }

    /// Begins a call with any number of messages each way, which ``ClientStreamCall/send(_:)`` and `events` carry.
    ///
    /// It begins, waits and is refused as a unary call; what was sent is sent again, if it was no more than 64 KiB and the server had
    /// not begun to answer.
    ///
    /// - Parameters:
    ///   - method: `/package.Service/Method`.
    ///   - deadline: When to give up with DEADLINE_EXCEEDED, here and, through `grpc-timeout`, at the server; nil for never.
    ///   - waitForReady: A failed attempt to connect does not fail the call: it waits for the next, until its deadline.
    ///   - events: What happens to the call.
    public func stream(
        _ method: String, metadata: GRPCMetadata = GRPCMetadata(), deadline: NIODeadline? = nil, waitForReady: Bool = false,
        events: ClientStreamEvents
    ) -> ClientStreamCall {
        let call = ClientStreamCall(
            client: self, method: method, metadata: metadata, deadline: deadline, waitForReady: waitForReady, events: events)
        if eventLoop.inEventLoop { add(call) } else { eventLoop.execute { self.add(call) } }
        return call
    }

    /// Makes the connection now, if there is none, however the last attempt went.
    ///
    /// - Returns: succeeds when the connection is ready; fails with the ``GRPCStatus`` that calls would get.
    public func connect() -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        eventLoop.execute { self.connect(promise) }
        return promise.futureResult
    }

    /// The state now.
    public var state: GRPCClientState {
        GRPCClientState(rawValue: publishedState.load(ordering: .acquiring)) ?? .idle
    }

    /// Calls `action` on the loop with the state as it is then, and with every later one, in order and none left out.
    public func observeState(_ action: @escaping @Sendable (GRPCClientState) -> Void) -> GRPCStateObservation {
        let observation = GRPCStateObservation(client: self)
        eventLoop.execute { observation.id = self.addObserver(action) }
        return observation
    }

    /// Ends the client: calls in flight and calls to come fail with `status`, the connection is closed.
    ///
    /// - Returns: succeeds when every connection is closed.
    @discardableResult
    public func shutdown(
        _ status: GRPCStatus = GRPCStatus(.unavailable, "the client was shut down")
    ) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        eventLoop.execute { self.shutdown(status, promise) }
        return promise.futureResult
    }
}

// MARK: - State, on the loop

extension GRPCClient {
    func setState(_ state: GRPCClientState) {
        guard state != self.state, self.state != .retired else { return }
        publishedState.store(state.rawValue, ordering: .releasing)
        for observer in observers { observer.action(state) }
    }

    private func addObserver(_ action: @escaping @Sendable (GRPCClientState) -> Void) -> Int {
        nextObserver += 1
        observers.append((nextObserver, action))
        action(state)
        return nextObserver
    }

    func removeObserver(_ id: Int) {
        observers.removeAll { $0.id == id }
    }
}
