// SPDX-License-Identifier: Apache-2.0
// A served chain of an anchor and an end, with callers that begin anew as soon as they are answered.

import BenchmarkSupport
import CatenaABI
import CatenaChain
import CatenaNSM

/// Unchecked: callers and connections are each one loop's, which only its thread turns.
final class TurnChain: @unchecked Sendable {
    let engine: Engine
    private let chain: LinkedChain
    private let home: Home
    private let loop: TurnedLoop
    private let callers: [LoopCaller]

    /// - Parameters:
    ///   - callers: how many; each has a service of its own, so that no two Requests say the same.
    ///   - ids: over how many connections.
    ///   - loops: callers begin on the first.
    init(_ elements: [ElementType], callers count: Int, ids: Int, loops: [TurnedLoop]) {
        let specs = elements.enumerated().map { ElementSpec(name: "e\($0)", type: $1) }
        do throws(LinkError) {
            engine = try Engine(
                [ChainSpec(name: "bench", isServed: true, elements: specs)], loops: loops, messages: MessageService.shared,
                transports: NoTransports(), log: NoLog())
        } catch {
            fail("\(error.problems)")
        }
        loop = loops[0]
        guard let chain = engine.chain(named: "bench"), let home = engine.home(of: loop) else { fail("no chain") }
        (self.chain, self.home) = (chain, home)
        callers = (0..<count).map { LoopCaller(id: $0 % ids, number: $0) }
        for caller in callers { caller.begin = { [engine, chain, home] in caller.call(engine, chain, home) } }
    }

    /// Nanoseconds for one call of one caller, whose chain answers at once.
    func time(calls: Int) -> Double {
        let caller = callers[0], start = clock()
        for _ in 0..<calls {
            caller.left = 0
            caller.call(engine, chain, home)
        }
        return Double(clock() - start) / Double(calls)
    }

    /// Nanoseconds for one call where all callers go on until each has had `calls`, and the end answers later.
    func timeTogether(calls: Int) -> Double {
        let start = clock()
        for caller in callers {
            caller.left = calls - 1
            caller.call(engine, chain, home)
        }
        while BenchTypes.resumeOne() || loop.turn() { loop.turn() }
        return Double(clock() - start) / Double(calls * callers.count)
    }

    /// Opens the connections on a loop of their own, where they stay. On that loop.
    func open(on other: TurnedLoop) {
        guard let home = engine.home(of: other) else { fail("no home") }
        for caller in callers { caller.call(engine, chain, home) }
    }

    /// Nanoseconds for one call where all callers go on until each has had `calls`, and connections may be at home elsewhere.
    func timeCrossing(calls: Int) -> Double {
        let start = clock()
        for caller in callers {
            caller.left = calls - 1
            caller.call(engine, chain, home)
        }
        while callers.contains(where: { !$0.isDone }) { loop.turn() }
        return Double(clock() - start) / Double(calls * callers.count)
    }
}

/// Begins its next call when it is told of the last. On its loop only.
final class LoopCaller: Caller, @unchecked Sendable {
    private let message: OwnedMessage
    /// How many calls are to come after this one.
    var left = 0
    var isDone = true
    var begin: () -> Void = {}

    init(id: Int, number: Int) {
        let made = Message()
        do throws(MessageError) {
            try made.set(.id, to: "id-\(id)")
            try made.set(.networkService, to: "service-\(number)")
        } catch {
            fail("\(error)")
        }
        message = OwnedMessage(takingOver: made.retained(), api: MessageService.shared)
    }

    func call(_ engine: Engine, _ chain: LinkedChain, _ home: Home) {
        isDone = false
        engine.begin(.request, on: chain, message: message.clone(), deadline: 0, caller: self, home: home)
    }

    var peer: String { "" }
    func metadata(_ key: String, _ index: Int) -> UnsafeBufferPointer<UInt8>? { nil }

    func answer(error: CallError?, message: OpaquePointer?) {
        if let error { fail("a call failed: \(error.text)") }
        guard left > 0 else { return isDone = true }
        left -= 1
        begin()
    }
}

private struct NoTransports: TransportFactory {
    func makeTransport(url: String, options: TransportOptions) -> (any Transport)? { nil }
}

private struct NoLog: LogSink {
    func write(_ level: LogLevel, origin: String, text: String, fields: [(key: String, value: String)]) { fail("\(origin): \(text) \(fields)") }
}
