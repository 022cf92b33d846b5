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
public final class GRPCClient: @unchecked Sendable {
    public let target: GRPCAddress
    public let eventLoop: any EventLoop
    let configuration: GRPCClientConfiguration
    private let publishedState = Atomic(GRPCClientState.idle.rawValue)

    // On the loop only.
    var link = Link.none
    /// Calls that wait for the connection attempt.
    var waiting: [ClientCall] = []
    /// What ``connect()`` has promised.
    var connectPromises: [EventLoopPromise<Void>] = []
    /// Every connection whose channel is not yet gone.
    var open: [ClientConnection] = []
    private var calls: ContiguousArray<ClientCall> = []
    private var observers: [(id: Int, action: @Sendable (GRPCClientState) -> Void)] = []
    private var nextObserver = 0
    private var shutdownStatus: GRPCStatus?
    private var shutdownPromises: [EventLoopPromise<Void>] = []
    private lazy var deadlines = DeadlineTimer(on: eventLoop) { [weak self] in self?.endExpiredCalls($0) ?? .distantFuture }

    /// A client that has no connection yet.
    ///
    /// - Parameter eventLoop: A loop of swift-nio's `MultiThreadedEventLoopGroup`; everything about the client happens there.
    public init(
        target: GRPCAddress, on eventLoop: any EventLoop, configuration: GRPCClientConfiguration = GRPCClientConfiguration()
    ) {
        self.target = target
        self.eventLoop = eventLoop
        self.configuration = configuration
    }

    /// Begins a unary call.
    ///
    /// On the client's loop it begins at once, and all calls begun in one turn of the loop leave in one write; from another thread it
    /// hops there. Without a connection, one is made first and the call waits for it. A call that the server refused before it began
    /// (REFUSED_STREAM, GOAWAY) is begun again, once.
    ///
    /// - Parameters:
    ///   - method: `/package.Service/Method`.
    ///   - payload: The message's bytes, without gRPC's framing.
    ///   - deadline: When to give up with DEADLINE_EXCEEDED, here and, through `grpc-timeout`, at the server; nil for never.
    ///   - completion: Runs once, on the loop, and never before this method has returned.
    @discardableResult
    public func call(
        _ method: String, payload: ByteBuffer, metadata: GRPCMetadata = GRPCMetadata(), deadline: NIODeadline? = nil,
        completion: @escaping @Sendable (Result<GRPCReply, GRPCCallError>) -> Void
    ) -> ClientCall {
        let call = ClientCall(
            client: self, method: method, payload: payload, metadata: metadata, deadline: deadline, completion: completion)
        if eventLoop.inEventLoop { add(call) } else { eventLoop.execute { self.add(call) } }
        return call
    }

    /// Makes the connection now, if there is none.
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

// MARK: - Calls, on the loop

extension GRPCClient {
    private func add(_ call: ClientCall) {
        call.slot = calls.count
        calls.append(call)
        if let deadline = call.deadline {
            guard deadline > .now() else {
                return eventLoop.execute { call.abandon(.deadlineExceeded, "the deadline passed before the call was begun") }
            }
            deadlines.cover(deadline)
        }
        begin(call)
    }

    /// Sends `call` on the connection, or has it wait for one.
    func begin(_ call: ClientCall) {
        if let shutdownStatus {
            return eventLoop.execute {
                call.finish(.failure(GRPCCallError(status: shutdownStatus, mayHaveBeenProcessed: false)))
            }
        }
        switch link {
        case .ready(let connection): connection.start(call)
        case .connecting: waiting.append(call)
        case .none:
            waiting.append(call)
            dial()
        }
    }

    /// Takes an ended call off the list.
    func forget(_ call: ClientCall) {
        guard call.slot >= 0 else { return }
        let last = calls.removeLast()
        if last !== call {
            calls[call.slot] = last
            last.slot = call.slot
        }
        call.slot = -1
    }

    private func endExpiredCalls(_ now: NIODeadline) -> NIODeadline {
        var next = NIODeadline.distantFuture
        for call in calls {
            guard let deadline = call.deadline, !call.isEnded else { continue }
            if deadline <= now {
                let place = call.stream == nil ? " before the call could be sent" : ""
                call.abandon(.deadlineExceeded, "\(target): the deadline passed\(place)")
            } else {
                next = min(next, deadline)
            }
        }
        return next
    }

    private func shutdown(_ status: GRPCStatus, _ promise: EventLoopPromise<Void>) {
        shutdownPromises.append(promise)
        if shutdownStatus == nil {
            shutdownStatus = status
            setState(.shutdown)
            deadlines.cancel()
            for call in calls {
                let mayHaveBeenProcessed = call.stream?.headersSent ?? false
                call.finish(.failure(GRPCCallError(status: status, mayHaveBeenProcessed: mayHaveBeenProcessed)))
            }
            for promise in connectPromises { promise.fail(status) }
            connectPromises = []
            waiting = []
            if case .connecting(_, let timer) = link { timer.cancel() }
            link = .none
            for connection in open { connection.close(reason: status.message) }
        }
        finishShutdownIfClosed()
    }

    func finishShutdownIfClosed() {
        guard shutdownStatus != nil, open.isEmpty else { return }
        let promises = shutdownPromises
        shutdownPromises = []
        for promise in promises { promise.succeed() }
    }

    private func connect(_ promise: EventLoopPromise<Void>) {
        if let shutdownStatus { return promise.fail(shutdownStatus) }
        if case .ready = link { return promise.succeed() }
        connectPromises.append(promise)
        if case .none = link { dial() }
    }
}

// MARK: - State, on the loop

extension GRPCClient {
    func setState(_ state: GRPCClientState) {
        guard state != self.state, self.state != .shutdown else { return }
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
