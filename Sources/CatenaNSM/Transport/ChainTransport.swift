// SPDX-License-Identifier: Apache-2.0
// `inproc://chain`: a next hop that is another chain of this host. The call begins at that chain's head as if it had come from a
// socket, but no byte is encoded and no thread is left.

internal import CatenaABI
package import CatenaChain
internal import Synchronization

/// A transport to a served chain of the same engine.
final class ChainTransport: Transport {
    private let name: String
    private let engine: EngineReference

    init(chain name: String, engine: EngineReference) {
        self.name = name
        self.engine = engine
    }

    var state: UInt32 { CATENA_TRANSPORT_READY }

    func call(
        _ verb: Verb, message: OpaquePointer, deadline: UInt64, home: Home, completion: TransportCompletion
    ) -> any TransportCall {
        guard let engine = engine.engine, let chain = engine.chain(named: name), chain.isServed else {
            completion(
                .failure(
                    TransportFailure(
                        code: CATENA_UNAVAILABLE, text: "inproc://\(name): this host serves no such chain", isRemote: false, isIndefinite: false)))
            return ChainTransportCall(nil)
        }
        let caller = ChainCaller(verb, completion)
        return ChainTransportCall(
            engine.begin(verb, on: chain, message: Message.borrowed(message).clone().owned(), deadline: deadline, caller: caller, home: home))
    }

    func watch(_ subject: WatchSubject, home: Home, listener: any WatchListener) -> (any TransportCall)? {
        let feed = engine.engine?.chain(named: name)?.monitor
        let watch = ChainWatch(subject, feed, home, listener)
        switch subject {
        case .connections where feed == nil: return nil
        case .connections: watch.tell { $0.heard(.snapshot) }
        case .health: watch.tell { $0.heard(.health(isServing: true)) }
        case .presence: watch.tell { $0.heard(.complete) }
        }
        if case .connections = subject { feed?.subscribe(watch) }
        return watch
    }

    func close() {}
}

/// What another chain of the host says of its connections, on the loop of whoever listens. Its health is this host's own.
private final class ChainWatch: MonitorSubscriber, TransportCall {
    private let subject: WatchSubject
    private let feed: MonitorFeed?
    private let home: Home
    private let listener: Mutex<(any WatchListener)?>

    init(_ subject: WatchSubject, _ feed: MonitorFeed?, _ home: Home, _ listener: any WatchListener) {
        self.subject = subject
        self.feed = feed
        self.home = home
        self.listener = Mutex(listener)
    }

    func wants(_ message: OpaquePointer) -> Bool {
        guard case .connections(let name, let id) = subject else { return false }
        return Message.lent(message) { message in
            (0..<message.segmentCount).contains { message.segment($0).map { $0.name == name && (id == nil || $0.id == id) } ?? false }
        }
    }

    func hear(_ news: MonitorNews) {
        switch news {
        case .present(let connection), .update(let connection): tell(connection, WatchNews.connection)
        case .delete(let connection): tell(connection, WatchNews.deleted)
        case .complete: tell { $0.heard(.complete) }
        case .over:
            tell {
                $0.ended(TransportFailure(code: CATENA_UNAVAILABLE, text: "the chain has stopped", isRemote: true, isIndefinite: false))
            }
        }
    }

    private func tell(_ connection: MonitoredConnection, _ news: @escaping @Sendable (OpaquePointer) -> WatchNews) {
        let copy = Copy(Message.borrowed(connection.message).clone().owned())
        tell { $0.heard(news(copy.message.pointer)) }
    }

    func tell(_ body: @escaping @Sendable (any WatchListener) -> Void) {
        home.loop.execute { [self] in if let listener = listener.withLock({ $0 }) { body(listener) } }
    }

    func cancel() {
        listener.withLock { $0 = nil }
        feed?.unsubscribe(self)
    }

    private final class Copy: Sendable {
        let message: OwnedMessage
        init(_ message: consuming OwnedMessage) { self.message = message }
    }
}

/// Where transports find the engine that is made after them.
package final class EngineReference: Sendable {
    private let held = Mutex<WeakEngine>(WeakEngine())

    private struct WeakEngine {
        weak var engine: Engine?
    }

    package init() {}

    package var engine: Engine? {
        get { held.withLock { $0.engine } }
        set { held.withLock { $0.engine = newValue } }
    }
}

/// A client chain that waits for another chain of the host.
private final class ChainCaller: Caller {
    private let verb: Verb
    private let completion: TransportCompletion

    init(_ verb: Verb, _ completion: TransportCompletion) {
        self.verb = verb
        self.completion = completion
    }

    var peer: String { "inproc" }
    func metadata(_ key: String, _ index: Int) -> UnsafeBufferPointer<UInt8>? { nil }

    func answer(error: CallError?, message: OpaquePointer?) {
        if let error {
            // The text names the element already.
            let isIndefinite = error.isIndefinite || TransportFailure.isIndefinite(error.code)
            completion(.failure(TransportFailure(code: error.code, text: error.description, isRemote: true, isIndefinite: isIndefinite)))
        } else {
            completion(.success(verb.isRequest ? message.map { Message.borrowed($0).clone().owned() } : nil))
        }
    }
}

private final class ChainTransportCall: TransportCall {
    private let reference: CallReference?
    init(_ reference: CallReference?) { self.reference = reference }
    func cancel() { reference?.callerLeft(isLate: false) }
}
