// SPDX-License-Identifier: Apache-2.0
// A chain on the host's own engine with loops of real threads, and callers that come from all of them at once.
internal import CatenaChain
internal import CatenaElement
internal import CatenaElementTesting
internal import CatenaNSM
internal import Synchronization

@testable internal import CatenaElementTesting

final class ThreadedChain: Sendable {
    let engine: Engine
    let chain: LinkedChain
    let loops: [ThreadLoop]

    /// - Parameter elements: each a type, how it is loaded is the source's, and its config.
    init(_ elements: [(ElementSource, ConfigText)], side: BenchSide = .server, loops count: Int = 4) throws {
        loops = (0..<count).map { _ in ThreadLoop() }
        let specs = try elements.enumerated().map { index, element in
            ElementSpec(
                name: "\(element.0.id)-\(index)", type: try EntryLoan.type(element.0.type, of: element.0.id),
                config: Array(element.1.json.utf8))
        }
        engine = try Engine(
            [ChainSpec(name: "threads", role: side == .server ? .served : .opened, elements: specs)], loops: loops,
            messages: MessageService.shared, transports: NoTransports(), log: NoLog())
        chain = try engine.chain(named: "threads") ?? { throw BenchError("no chain") }()
    }

    func start() async {
        await withCheckedContinuation { continuation in engine.start { _ in continuation.resume() } }
    }

    /// - Returns: what the engine still held: calls and connections.
    func stop() async -> Int {
        await withCheckedContinuation { continuation in engine.whenIdle { continuation.resume() } }
        let held = engine.status().holdings.calls + (engine.status().chains.first?.connections ?? 0)
        await withCheckedContinuation { continuation in engine.stop { continuation.resume() } }
        for loop in loops { loop.end() }
        return held
    }

    /// Begins a call on one of the loops.
    /// - Parameter answered: on that loop, with the error or the message.
    func call(
        _ verb: HookName, _ message: TestMessage, on number: Int,
        answered: @escaping @Sendable (ElementError?, TestMessage?) -> Void
    ) {
        let loop = loops[number % loops.count]
        loop.execute { [self] in
            guard let home = engine.home(of: loop) else { return }
            let owned = CatenaChain.OwnedMessage(takingOver: message.model.retained(), api: MessageService.shared)
            engine.begin(verb == .close ? .close : .request, on: chain, message: owned, deadline: 0, caller: ThreadCaller(answered), home: home)
        }
    }

    /// As above, awaited.
    func call(_ verb: HookName, _ message: TestMessage, on number: Int = 0) async -> (ElementError?, TestMessage?) {
        await withCheckedContinuation { continuation in
            call(verb, message, on: number) { continuation.resume(returning: ($0, $1)) }
        }
    }
}

private final class ThreadCaller: CatenaChain.Caller {
    private let answered: @Sendable (ElementError?, TestMessage?) -> Void
    init(_ answered: @escaping @Sendable (ElementError?, TestMessage?) -> Void) { self.answered = answered }
    var peer: String { "" }
    func metadata(_ key: String, _ index: Int) -> UnsafeBufferPointer<UInt8>? { nil }
    func answer(error: CallError?, message: OpaquePointer?) {
        answered(error.map { ElementError(copying: $0) }, error == nil ? message.map { TestMessage(at: $0) } : nil)
    }
}

private struct NoTransports: TransportFactory {
    func makeTransport(url: String, options: TransportOptions) -> (any CatenaChain.Transport)? { nil }
}

private struct NoLog: LogSink {
    func write(_ level: CatenaChain.LogLevel, origin: String, text: String, fields: [(key: String, value: String)]) {}
}
