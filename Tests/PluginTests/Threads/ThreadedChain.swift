// SPDX-License-Identifier: Apache-2.0
// A chain on the host's own engine with loops of real threads, and callers that come from all of them at once.
internal import CatenaChain
internal import CatenaElement
internal import CatenaNSM
internal import Synchronization

@testable internal import CatenaElementTesting

final class ThreadedChain: Sendable {
    /// Elements, each a type, how it is loaded is the source's, and its config.
    typealias Elements = [(ElementSource, ConfigText)]

    let engine: Engine
    let chain: LinkedChain
    let loops: [ThreadLoop]

    /// - Parameters:
    ///   - clients: client chains, by the names that configs say.
    ///   - transports: what client chains reach.
    init(
        _ elements: Elements, clients: [String: Elements] = [:], side: BenchSide = .server, loops count: Int = 4,
        transports: any TransportFactory = NoTransports()
    ) throws {
        loops = (0..<count).map { _ in ThreadLoop() }
        var chains = [ChainSpec(name: "threads", role: side == .server ? .served : .opened, elements: try Self.specs(elements))]
        for (name, elements) in clients { chains.append(ChainSpec(name: name, role: .used, elements: try Self.specs(elements))) }
        engine = try Engine(chains, loops: loops, messages: MessageService.shared, transports: transports, log: NoLog())
        chain = try engine.chain(named: "threads") ?? { throw BenchError("no chain") }()
    }

    static func specs(_ elements: Elements) throws -> [ElementSpec] {
        try elements.enumerated().map { index, element in
            ElementSpec(
                name: "\(element.0.id)-\(index)", type: try EntryLoan.type(element.0.type, of: element.0.id),
                config: Array(element.1.json.utf8))
        }
    }

    func start() async {
        await withCheckedContinuation { continuation in engine.start { _ in continuation.resume() } }
    }

    /// - Returns: what the engine still held: calls, connections, their client sides, and transports.
    func stop() async -> Int {
        await withCheckedContinuation { continuation in engine.whenIdle { continuation.resume() } }
        let holdings = engine.status().holdings
        let held = holdings.calls + (engine.status().chains.first?.connections ?? 0) + holdings.legs + holdings.transports
        await withCheckedContinuation { continuation in engine.stop { continuation.resume() } }
        for loop in loops { loop.end() }
        return held
    }

    /// Begins a call on one of the loops.
    func begin(_ verb: HookName, _ message: TestMessage, on number: Int = 0, deadline: Duration? = nil) -> ThreadCall {
        let loop = loops[number % loops.count], call = ThreadCall(on: loop)
        loop.execute { [self] in
            guard let home = engine.home(of: loop) else { return }
            let owned = CatenaChain.OwnedMessage(takingOver: message.model.retained(), api: MessageService.shared)
            let time = deadline.map { loop.now() + $0.wholeNanoseconds } ?? 0
            call.begun(
                engine.begin(verb == .close ? .close : .request, on: chain, message: owned, deadline: time, caller: call, home: home))
        }
        return call
    }

    /// As above, awaited: with the error or the message.
    func call(_ verb: HookName, _ message: TestMessage, on number: Int = 0) async -> (ElementError?, TestMessage?) {
        await begin(verb, message, on: number).answer()
    }
}

/// A call of a ``ThreadedChain``, and its caller.
final class ThreadCall: CatenaChain.Caller {
    typealias Answer = (ElementError?, TestMessage?)

    private struct State {
        var answer: Answer?
        var waiting: CheckedContinuation<Answer, Never>?
        var reference: CallReference?
    }

    private let loop: ThreadLoop
    private let state = Mutex(State())

    init(on loop: ThreadLoop) { self.loop = loop }

    /// Its end; awaited by one.
    func answer() async -> Answer {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state in
                if state.answer == nil { state.waiting = continuation }
                return state.answer
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// The caller goes away, which means nothing to a call that has its answer.
    func leave() {
        loop.execute { [self] in state.withLock { $0.reference }?.callerLeft(isLate: false) }
    }

    /// On the loop.
    fileprivate func begun(_ reference: CallReference?) { state.withLock { $0.reference = reference } }

    // MARK: What the engine asks and says

    var peer: String { "" }
    func metadata(_ key: String, _ index: Int) -> UnsafeBufferPointer<UInt8>? { nil }
    func answer(error: CallError?, message: OpaquePointer?) {
        let answer: Answer = (error.map { ElementError(copying: $0) }, error == nil ? message.map { TestMessage(at: $0) } : nil)
        state.withLock { state in
            state.answer = answer
            return state.waiting.take()
        }?.resume(returning: answer)
    }
}

private struct NoTransports: TransportFactory {
    func makeTransport(url: String, options: TransportOptions) -> (any CatenaChain.Transport)? { nil }
}

struct NoLog: LogSink {
    func write(_ level: CatenaChain.LogLevel, origin: String, text: String, fields: [(key: String, value: String)]) {}
}
