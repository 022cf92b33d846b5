// SPDX-License-Identifier: Apache-2.0
// One call of MonitorConnections. Whoever publishes leaves its news in the queue and goes on; the call's own loop sends them, as fast
// as the subscriber reads.

internal import CatenaChain
internal import CatenaGRPC
internal import NIOCore
internal import Synchronization

/// One subscriber behind gRPC.
final class MonitorStream: MonitorSubscriber {
    /// How long a subscriber may leave unread what had been sent when its stream was ended: a server that stops waits no longer for it.
    private static func unreadGrace(_ code: GRPCStatus.Code) -> TimeAmount { code == .unavailable ? .seconds(1) : .seconds(10) }

    private let call: ServerCall
    private let selector: MonitorSelector
    private let state: Mutex<State>
    /// Takes this one off every list. On the call's loop, once.
    private let ended: @Sendable (MonitorStream) -> Void

    private struct State {
        var queue: MonitorQueue
        /// The loop has been asked to look.
        var isWoken = false
    }

    /// - Parameter bound: of how many connections news may be left unread.
    init(_ call: ServerCall, _ selector: MonitorSelector, bound: Int, ended: @escaping @Sendable (MonitorStream) -> Void) {
        self.call = call
        self.selector = selector
        self.ended = ended
        state = Mutex(State(queue: MonitorQueue(bound: bound)))
    }

    /// Begins to send. On the call's loop.
    func start() {
        call.onReady { [weak self] in self?.send() }
        call.onCancel { [weak self] _ in
            guard let self else { return }
            ended(self)
        }
    }

    /// The server stops. Any thread.
    func end(_ why: String) {
        change { $0.finish(GRPCStatus(.unavailable, why)) }
    }

    // MARK: News

    var segmentID: String? { selector.segmentID }

    func wants(_ message: OpaquePointer) -> Bool { Message.lent(message) { selector.matches($0) } }

    func hear(_ news: MonitorNews) {
        switch news {
        case .present(let one): state.withLock { $0.queue.addPresent(one.id, one.bytes) }
        case .complete: change { $0.complete() }
        case .update(let one): change { $0.add(.update, one.id, one.bytes) }
        case .delete(let one): change { $0.add(.delete, one.id, one.bytes) }
        case .over: end("the chain has stopped")
        }
    }

    private func change(_ body: (inout MonitorQueue) -> Void) {
        let isAsleep = state.withLock { state in
            body(&state.queue)
            defer { state.isWoken = true }
            return !state.isWoken
        }
        if isAsleep { call.eventLoop.execute { self.wake() } }
    }

    // MARK: On the call's loop

    private func wake() {
        state.withLock { $0.isWoken = false }
        send()
    }

    private func send() {
        while let step = nextStep() {
            switch step {
            case .event(let event):
                call.send(event)
            case .end(let status):
                ended(self)
                call.fail(status, unreadFor: Self.unreadGrace(status.code))
            }
        }
    }

    /// An end is told however much waits to be read.
    private func nextStep() -> MonitorQueue.Step? {
        let isReady = call.isReady
        return state.withLock { isReady || $0.queue.isOver ? $0.queue.next() : nil }
    }
}

extension MonitoredConnection {
    /// The connection for the wire as it lies there; the message may change meanwhile.
    fileprivate var bytes: SharedBytes { Message.lent(message) { $0.sharedConnectionBytes } }
}
