// SPDX-License-Identifier: Apache-2.0
// What the next hop of a bench says by itself. As a real one it knows the connections that it has said yes to and tells of them; a
// test takes the way away and gives it back, with what the next hop then still knows.
internal import CatenaABI
internal import CatenaChain
internal import CatenaElement
internal import Synchronization

/// The streams of a bench's next hop. Any thread; listeners are told on their loops.
final class NextHopStreams: Sendable {
    /// What it has, and how it answers who listens.
    struct Rules {
        var hasMonitor = true
        var hasHealth = true
        var refusesWildcards = false
        var isServing = true
        /// Why there is no way; nil: there is one.
        var lost: String?
    }

    private struct State {
        var rules = Rules()
        var connections: [(id: String, message: TestMessage)] = []
        var streams: [HeldStream] = []
        var begun: [WatchSubject] = []
    }

    private let state = Mutex(State())
    private let ledger: MessageLedger

    init(ledger: MessageLedger) { self.ledger = ledger }

    var rules: Rules {
        get { state.withLock { $0.rules } }
        set { state.withLock { $0.rules = newValue } }
    }

    /// Streams that are open just now.
    var open: [WatchSubject] { state.withLock { $0.streams.map(\.subject) } }
    /// Every attempt to open one.
    var begun: [WatchSubject] { state.withLock { $0.begun } }

    // MARK: What it says

    /// It has said yes to a Request, or reports a change.
    func report(_ message: TestMessage) {
        let streams = state.withLock { state in
            state.connections.removeAll { $0.id == message.id }
            state.connections.append((message.id, message))
            return state.streams
        }
        for stream in streams where stream.wants(message) { stream.tell { self.lend(message, to: $0, WatchNews.connection) } }
    }

    /// A connection was closed there.
    func delete(_ id: String) {
        let (gone, streams) = state.withLock { state in
            let gone = state.connections.first { $0.id == id }?.message
            state.connections.removeAll { $0.id == id }
            return (gone, state.streams)
        }
        guard let gone else { return }
        for stream in streams where stream.wants(gone) { stream.tell { self.lend(gone, to: $0, WatchNews.deleted) } }
    }

    /// Its health is another one.
    func turn(isServing: Bool) {
        let streams = state.withLock { state in
            state.rules.isServing = isServing
            return state.streams
        }
        for stream in streams where stream.isHealth { stream.tell { $0.heard(.health(isServing: isServing)) } }
    }

    /// The way is lost.
    func lose(_ text: String) {
        let streams = state.withLock { state in
            defer { state.streams = [] }
            state.rules.lost = text
            return state.streams
        }
        for stream in streams { stream.end(.lost(text)) }
    }

    /// The way is there again.
    /// - Parameter isNew: another process, which knows nothing.
    func comeBack(isNew: Bool) {
        state.withLock { state in
            state.rules.lost = nil
            if isNew { state.connections = [] }
        }
    }

    private func lend(_ message: TestMessage, to listener: any WatchListener, _ news: (OpaquePointer) -> WatchNews) {
        let pointer = ledger.make(message)
        listener.heard(news(pointer))
        MessageLedger.table.pointee.release(pointer)
    }

    // MARK: Who listens

    func begin(_ subject: WatchSubject, _ loop: any ChainLoop, _ listener: any WatchListener) -> any TransportCall {
        let stream = HeldStream(subject, loop, listener, self)
        let (refusal, known, isServing) = state.withLock { state in
            state.begun.append(subject)
            let refusal = state.rules.refusal(subject)
            if refusal == nil { state.streams.append(stream) }
            return (refusal, state.connections.map(\.message), state.rules.isServing)
        }
        if let refusal {
            stream.end(refusal)
        } else {
            stream.tell { listener in
                switch subject {
                case .health: listener.heard(.health(isServing: isServing))
                case .presence: listener.heard(.complete)
                case .connections:
                    listener.heard(.snapshot)
                    for message in known where stream.wants(message) { self.lend(message, to: listener, WatchNews.connection) }
                    listener.heard(.complete)
                }
            }
        }
        return stream
    }

    fileprivate func forget(_ stream: HeldStream) { state.withLock { $0.streams.removeAll { $0 === stream } } }
}

extension NextHopStreams.Rules {
    fileprivate func refusal(_ subject: WatchSubject) -> TransportFailure? {
        if let lost { return .lost(lost) }
        return switch subject {
        case .connections where !hasMonitor, .health where !hasHealth: .said(.unimplemented, "unknown service")
        case .connections(_, nil) where refusesWildcards: .said(.permissionDenied, "no sufficient privileges")
        default: nil
        }
    }
}

extension TransportFailure {
    fileprivate static func lost(_ text: String) -> TransportFailure {
        TransportFailure(code: Code.unavailable.rawValue, text: text, isRemote: false, isIndefinite: false)
    }

    fileprivate static func said(_ code: Code, _ text: String) -> TransportFailure {
        TransportFailure(code: code.rawValue, text: text, isRemote: true, isIndefinite: false)
    }
}

/// One stream, until its listener has had enough or the way is lost.
private final class HeldStream: TransportCall {
    let subject: WatchSubject
    private let loop: any ChainLoop
    private let listener: Mutex<(any WatchListener)?>
    private let streams: NextHopStreams

    init(_ subject: WatchSubject, _ loop: any ChainLoop, _ listener: any WatchListener, _ streams: NextHopStreams) {
        self.subject = subject
        self.loop = loop
        self.listener = Mutex(listener)
        self.streams = streams
    }

    var isHealth: Bool {
        if case .health = subject { true } else { false }
    }

    func wants(_ message: TestMessage) -> Bool {
        guard case .connections(let name, let id) = subject else { return false }
        return message.segments.contains { $0.name == name && (id == nil || $0.id == id) }
    }

    func tell(_ body: @escaping @Sendable (any WatchListener) -> Void) {
        loop.execute { [self] in if let listener = listener.withLock({ $0 }) { body(listener) } }
    }

    func end(_ failure: TransportFailure) {
        loop.execute { [self] in
            let last = listener.withLock { listener in
                defer { listener = nil }
                return listener
            }
            last?.ended(failure)
        }
    }

    func cancel() {
        listener.withLock { $0 = nil }
        streams.forget(self)
    }
}
