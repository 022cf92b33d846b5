// SPDX-License-Identifier: Apache-2.0
// An engine with scripted elements on loops that the test turns. Every bench ends with the same questions: is every message
// released, every connection gone, every operation over, every timer disarmed?

import CatenaABI
import Synchronization
import Testing

@testable import CatenaChain

/// A chain of scripted elements, as a test declares it.
struct TestChain {
    let name: String
    let role: ChainSpec.Role
    let elements: [ScriptedElement]

    init(name: String, role: ChainSpec.Role, elements: [ScriptedElement]) {
        self.name = name
        self.role = role
        self.elements = elements
    }

    init(name: String, isServed: Bool, elements: [ScriptedElement]) {
        self.init(name: name, role: isServed ? .served : .used, elements: elements)
    }

    static func served(_ name: String = "chain", _ elements: ScriptedElement...) -> TestChain {
        TestChain(name: name, isServed: true, elements: elements)
    }

    static func client(_ name: String = "client", _ elements: ScriptedElement...) -> TestChain {
        TestChain(name: name, isServed: false, elements: elements)
    }
}

/// Lines of the engine and its elements.
final class TestLog: LogSink {
    private let state = Mutex<[String]>([])
    var lines: [String] { state.withLock { $0 } }

    func write(_ level: LogLevel, origin: String, text: String, fields: [(key: String, value: String)]) {
        let more = fields.map { " \($0.key)=\($0.value)" }.joined()
        state.withLock { $0.append("\(level) \(origin): \(text)\(more)") }
    }
}

final class TestCaller: Caller {
    struct Answer: Equatable {
        var code: catena_status
        var description: String
        var connection: String
    }

    let name: String
    private let journal: Journal
    private let state = Mutex<(answers: [Answer], error: CallError?)>(([], nil))
    let peer = "127.0.0.1:41312"

    init(name: String, journal: Journal) {
        self.name = name
        self.journal = journal
    }

    func metadata(_ key: String, _ index: Int) -> UnsafeBufferPointer<UInt8>? { nil }

    func answer(error: CallError?, message: OpaquePointer?) {
        let connection = error == nil ? message.flatMap { TestMessage.of($0)?.text(CATENA_F_CONNECTION) } ?? "" : ""
        let answer = Answer(code: error?.code ?? CATENA_OK, description: error?.description ?? "", connection: connection)
        state.withLock { state in
            state.answers.append(answer)
            state.error = error
        }
        journal.record("\(name) \(Name.of(status: answer.code))")
    }

    var answers: [Answer] { state.withLock { $0.answers } }
    var answer: Answer? { answers.first }
    var error: CallError? { state.withLock { $0.error } }

    /// The codes and origins of the error and its causes.
    var causes: [String] {
        sequence(first: error, next: { $0?.cause }).prefix { $0 != nil }.compactMap { $0 }.map { "\(Name.of(status: $0.code)) \($0.description)" }
    }
}

final class Bench {
    let engine: Engine
    let clock = ManualClock()
    let loops: [ManualLoop]
    let journal = Journal()
    let deferred = Deferred()
    let bank = MessageBank()
    let log = TestLog()
    let transports: ScriptedTransports
    let elements: [ScriptedElement]

    init(_ chains: [TestChain], loops count: Int = 1, options: EngineOptions = EngineOptions()) throws {
        loops = (0..<count).map { [clock] _ in ManualLoop(clock: clock) }
        elements = chains.flatMap(\.elements)
        transports = ScriptedTransports(journal: journal, deferred: deferred, bank: bank)
        for element in elements {
            element.journal = journal
            element.deferred = deferred
        }
        engine = try Engine(
            try chains.map { ChainSpec(name: $0.name, role: $0.role, elements: try $0.elements.map { try $0.spec() }) },
            loops: loops, messages: TestMessage.api, transports: transports, log: log, options: options)
    }

    /// Makes a bench, runs the test, stops the engine, and sees that nothing is left.
    static func with(
        _ chains: TestChain..., loops: Int = 1, options: EngineOptions = EngineOptions(),
        sourceLocation: SourceLocation = #_sourceLocation, _ body: (Bench) throws -> Void
    ) throws {
        let bench = try Bench(chains, loops: loops, options: options)
        try body(bench)
        bench.end(sourceLocation)
    }

    // MARK: Time

    /// Runs everything that can run now.
    func run() {
        repeat {
            while loops.contains(where: { $0.runOne() }) {}
        } while deferredWork()
    }

    private func deferredWork() -> Bool {
        if let job = deferred.next() {
            job()
            return true
        }
        return loops.contains { $0.runOne() }
    }

    /// Lets time pass, stopping at every wake-up.
    func advance(_ nanoseconds: UInt64) {
        run()
        let goal = clock.now + nanoseconds
        while let next = loops.compactMap(\.nextWake).min(), next <= goal {
            clock.now = max(clock.now, next)
            for loop in loops { loop.runWakes() }
            run()
        }
        clock.now = goal
    }

    // MARK: Calls

    /// Begins a call and runs what can run.
    @discardableResult
    func call(
        _ verb: Verb, _ id: String = "id", on chain: String = "chain", loop: Int = 0, deadline: UInt64 = 0, connection: String = "new",
        as name: String = "caller"
    ) -> TestCaller {
        let caller = TestCaller(name: name, journal: journal)
        begin(verb, by: caller, id, on: chain, loop: loop, deadline: deadline, connection: connection)
        run()
        return caller
    }

    @discardableResult
    func begin(
        _ verb: Verb, by caller: TestCaller, _ id: String = "id", on chain: String = "chain", loop: Int = 0, deadline: UInt64 = 0,
        connection: String = "new"
    ) -> CallReference? {
        guard let chain = engine.chain(named: chain), let home = engine.home(of: loops[loop]) else { return nil }
        var reference: CallReference?
        loops[loop].enter {
            reference = engine.begin(
                verb, on: chain, message: bank.owned(id: id, connection: connection),
                deadline: deadline == 0 ? 0 : clock.now + deadline, caller: caller, home: home)
        }
        return reference
    }

    /// A Request that is done with before the test begins.
    func open(_ id: String = "id", loop: Int = 0) {
        call(.request, id, loop: loop, as: "opener")
        _ = journal.take()
    }

    // MARK: End

    var connectionCount: Int { engine.served.reduce(0) { $0 + $1.connections.count } }
    var armedTimers: Int { engine.homes.reduce(0) { $0 + $1.armedTimers } }

    func end(_ sourceLocation: SourceLocation) {
        run()
        let stopped = Mutex(false)
        engine.stop { stopped.withLock { $0 = true } }
        run()
        #expect(stopped.withLock { $0 }, "the engine does not stop", sourceLocation: sourceLocation)
        #expect(bank.alive == 0, "messages are not released", sourceLocation: sourceLocation)
        #expect(connectionCount == 0, "connections are left", sourceLocation: sourceLocation)
        #expect(engine.operations.count == 0, "operations are left", sourceLocation: sourceLocation)
        #expect(engine.connectionIndex.count == 0, "connection numbers are left", sourceLocation: sourceLocation)
        #expect(engine.transports.all().isEmpty, "transports are left", sourceLocation: sourceLocation)
        #expect(armedTimers == 0, "timers are armed", sourceLocation: sourceLocation)
        #expect(journal.nested == [], "hooks ran inside other hooks", sourceLocation: sourceLocation)
        forget()
    }

    /// Lets go of what refers back to the bench.
    func forget() {
        for element in elements { element.forget() }
        transports.forget()
        for loop in loops { loop.forget() }
    }
}

extension UInt64 {
    static func seconds(_ count: Double) -> UInt64 { UInt64(count * 1e9) }
}
