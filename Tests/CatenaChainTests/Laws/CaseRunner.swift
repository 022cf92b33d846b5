// SPDX-License-Identifier: Apache-2.0
// Runs a case to its end: turns loops and clock in an order that the seed decides, closes every connection, stops the engine,
// and asks what is left.

import CatenaABI
import Synchronization

@testable import CatenaChain

/// Waits for a call from outside.
private final class LawCaller: Caller {
    private let key: UInt64
    private let deadline: UInt64
    private let loop: Int
    private let world: LawWorldReference

    init(key: UInt64, deadline: UInt64, loop: Int, world: LawWorld) {
        self.key = key
        self.deadline = deadline
        self.loop = loop
        self.world = LawWorldReference(world: world)
    }

    let peer = "127.0.0.1:41312"

    func metadata(_ key: String, _ index: Int) -> UnsafeBufferPointer<UInt8>? { nil }

    func answer(error: CallError?, message: OpaquePointer?) {
        let world = world.world
        world.book.check(world.loop == loop, 3, "the caller of \(key) was answered on loop \(world.loop), and asked on \(loop)")
        world.book.check(deadline == 0 || world.clock.now <= deadline, 6, "the caller of \(key) was answered after its deadline")
        world.book.check(error != nil || message != nil, 6, "the caller of \(key) was told neither an error nor an answer")
        world.book.answered(key, error?.code ?? CATENA_OK, error == nil ? TestMessage.of(message)?.text(CATENA_F_CONNECTION) ?? "" : "")
    }
}

/// Runs one case.
struct CaseRunner {
    /// How a case ended.
    struct Outcome {
        var violations: [String]
        var loud: [Place]
        var journal: String
        var coverage: LawCoverage
    }

    private let world: LawWorld
    private var random: SplitMix64
    private var calls: [CallPlan]
    private let start: UInt64

    static func run(_ plan: LawCase, quiet: Set<Place> = [], isVerbose: Bool = false) throws -> Outcome {
        var runner = CaseRunner(try LawWorld(plan, quiet: quiet))
        runner.run()
        let world = runner.world
        var coverage = LawCoverage()
        coverage.add(.predicted, ModelCheck(world).check())
        runner.end()
        coverage.read(world)
        let outcome = Outcome(
            violations: world.book.violations, loud: world.loud,
            journal: isVerbose ? world.book.description : "", coverage: coverage)
        world.forget()
        return outcome
    }

    private init(_ world: LawWorld) {
        self.world = world
        random = SplitMix64(world.plan.seed ^ 0xd1ce)
        calls = world.plan.calls
        start = world.clock.now
    }

    // MARK: Turning

    private mutating func run() {
        if world.plan.aborts > 0 { world.later(world.plan.aborts, place: -1) { [world] in world.abort() } }
        turn()
        while world.tickets.answerForsaken() { turn() }
        guard world.plan.closesAll else { return }
        // Nothing more is begun, and nothing is refused: now every connection can be closed.
        world.script.isOver = true
        for connection in 0..<world.plan.connections where world.plan.anchor != nil {
            calls.append(
                CallPlan(
                    key: UInt64(900 + connection), verb: .close, connection: connection, loop: random.below(world.plan.loops), begins: 0,
                    patience: 0, leaves: 0))
        }
        turn()
        world.book.check(world.duties.openCount == 0, 7, "a connection is open after its Close")
    }

    /// Until nothing is left to do.
    private mutating func turn() {
        var steps = 0
        while true {
            steps += 1
            guard steps < 20_000 else { return world.book.violate(6, "the case does not come to rest") }
            let now = world.clock.now
            let due = calls.indices.filter { start + calls[$0].begins <= now }
            let jobs = world.loops.indices.filter { world.loops[$0].jobCount > 0 }
            let deferred = world.dueDeferred
            let choices = due.count + jobs.count * 3 + deferred
            // A loop that has work may be late, but not by whole time limits.
            if choices == 0 || (!world.plan.isCalm && random.percent(10)) {
                guard pass(atMost: choices == 0 ? .max : 3000) || choices > 0 else { return }
                continue
            }
            let choice = random.below(choices)
            if choice < due.count {
                begin(calls.remove(at: due[choice]))
            } else if choice < due.count + deferred {
                world.runDeferred(choice - due.count)
            } else {
                _ = world.loops[jobs[(choice - due.count - deferred) / 3]].runOne()
            }
        }
    }

    /// Lets time pass until the next thing happens.
    private mutating func pass(atMost span: UInt64) -> Bool {
        let times = world.loops.compactMap(\.nextWake) + [world.nextDeferred].compactMap { $0 } + calls.map { start + $0.begins }
        guard let next = times.min(), next <= world.clock.now || next - world.clock.now <= span else { return false }
        world.clock.now = max(world.clock.now, next)
        let first = random.below(world.loops.count)
        for index in world.loops.indices { world.loops[(index + first) % world.loops.count].runWakes() }
        return true
    }

    private func begin(_ call: CallPlan) {
        let world = world
        let loop = world.loops[call.loop]
        let deadline = call.patience == 0 ? 0 : world.clock.now + call.patience
        let caller = LawCaller(key: call.key, deadline: deadline, loop: call.loop, world: world)
        world.book.add(.began(call.key, call.verb))
        if call.patience > 0 { world.book.impatient.insert(call.key) }
        guard let home = world.engine.home(of: loop) else { return }
        var reference: CallReference?
        loop.enter {
            reference = world.engine.begin(
                call.verb, on: world.engine.served[0],
                message: OwnedMessage(takingOver: world.message("\(call.connection)", key: call.key), api: TestMessage.api),
                deadline: deadline, caller: caller, home: home)
        }
        guard call.leaves > 0 else { return }
        world.later(call.leaves, place: call.loop) {
            guard world.book.answers[call.key] == nil else { return }
            world.book.add(.left(call.key))
            world.book.disturbed.insert(call.key)
            reference?.callerLeft(isLate: false)
        }
    }

    // MARK: The end

    private mutating func end() {
        let book = world.book
        let engine = world.engine!
        for call in world.plan.calls { book.check(book.answers[call.key] != nil, 6, "the caller of \(call.key) was never answered") }
        let untold = world.jobs.count { !$0.isTold }
        book.check(untold == 0, 6, "\(untold) jobs were never told")
        let calls = engine.status().holdings
        book.check(calls.calls == 0 && calls.insideCalls == 0, 6, "calls are left: \(calls)")
        for hold in world.tickets.outstanding { book.violate(6, "e\(hold.element).\(hold.hook.rawValue) is still waited for") }
        let stopped = Mutex(false)
        engine.stop { stopped.withLock { $0 = true } }
        turn()
        book.check(stopped.withLock { $0 }, 6, "the engine does not stop")
        world.operations.end { [duties = world.duties] in !duties.isBegun($0) || duties.isUnsure($0) }
        world.slots.end()
        world.duties.end()
        book.check(world.bank.alive == 0, 6, "\(world.bank.alive) messages are left")
        let left = engine.status().holdings
        let none = EngineStatus.Holdings(calls: 0, insideCalls: 0, connections: 0, legs: 0, slots: 0, operations: 0, transports: 0, owed: 0, subscribers: 0)
        book.check(left == none && engine.connectionIndex.count == 0, 6, "something is left: \(left)")
        book.check(engine.homes.allSatisfy { $0.armedTimers == 0 }, 6, "timers are armed")
    }
}
