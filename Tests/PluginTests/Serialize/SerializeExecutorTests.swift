// SPDX-License-Identifier: Apache-2.0
// The executor as elements below get it: whose turn it is, what it refuses, and how it ends the incarnation.
internal import CatenaElement
internal import CatenaElementTesting
internal import FiringElements
internal import Foundation
internal import Synchronization
internal import Testing

@Suite("serialize: executor")
struct SerializeExecutorTests {
    private let bench = SerializeBench()
    private var below: Neighbour { bench.below }
    private let service = UUID().uuidString
    private let notes = Notes()

    private func run(_ form: ElementForm, _ config: ConfigText = .empty, _ body: (ChainBench) async throws -> Void) async throws {
        try await bench.run(form, config, between: [.element(ExecutorTaker.self)], body)
    }

    /// Opens the connection; its executor.
    private func open(_ chain: ChainBench) throws -> Executor {
        chain.ask(service)
        return try #require(Taken.by(service)).executor
    }

    private func exec(_ executor: Executor, _ name: String, _ then: @escaping @Sendable (Executor.Job) -> Void = { $0.finish() }) {
        executor.exec(
            { [notes] job in
                notes.add(name)
                then(job)
            }, refused: { [notes] error in notes.add("\(name) \(error)") })
    }

    @Test("the Request firing example: one more Request runs below it, after the one that fired", arguments: ElementForm.allCases)
    func fireRequest(form: ElementForm) async throws {
        try await bench.run(form, between: [.element(FireRequest.self, config: ["thread": false])]) { chain in
            #expect(chain.ask("1").isGood)
            #expect(below.sights(.request).map { $0.flags.contains(.event) } == [false, true])
            #expect(chain.close().isGood && bench.order == "RRC")
        }
    }

    @Test("the Close firing example: elements below get its Close, those above one with REMOVED, and the id is free", arguments: ElementForm.allCases)
    func fireClose(form: ElementForm) async throws {
        try await bench.run(form, between: [.element(FireClose.self, config: ["thread": false])]) { chain in
            #expect(chain.ask("1").isGood)
            #expect(below.sights(.close).map(\.reason) == [.event] && bench.gate.sights(.close).map(\.reason) == [.removed])
            #expect(chain.connectionCount == 0 && chain.close().isGood && bench.order == "RC")
            #expect(chain.ask("2").isGood && below.sights(.request).allSatisfy { $0.flags.contains(.first) })
        }
    }

    @Test("a job waits behind the Requests that came before it, and holds the turn until it finishes", arguments: ElementForm.allCases)
    func turns(form: ElementForm) async throws {
        below.script(.request, .next, .hold, .next)
        try await run(form) { chain in
            let executor = try open(chain), held = Mutex<Executor.Job?>(nil)
            let running = chain.ask("2")
            exec(executor, "job") { job in held.withLock { $0 = job } }
            chain.run()
            let waiting = chain.ask("3")
            #expect(notes.all.isEmpty)
            chain.resume(below)
            #expect(running.isGood && notes.all == ["job"] && !waiting.isAnswered)
            held.withLock { $0 }?.finish()
            held.withLock { $0 }?.finish()
            chain.run()
            #expect(waiting.isGood && bench.requested == [service, "2", "3"])
        }
    }

    @Test("after a Close its jobs are refused by name, at once and for ever", arguments: ElementForm.allCases)
    func refused(form: ElementForm) async throws {
        below.script(.close, .hold)
        let refusal = "ABORTED: executor is already canceled: id"
        try await run(form) { chain in
            let executor = try open(chain)
            let closing = chain.close()
            exec(executor, "during")
            chain.run()
            #expect(notes.all.isEmpty)
            chain.resume(below)
            exec(executor, "after")
            chain.run()
            #expect(closing.isGood && notes.all == ["during \(refusal)", "after \(refusal)"])
            chain.ask("again")
            exec(executor, "in the next")
            chain.run()
            #expect(notes.all.last == "in the next \(refusal)")
            #expect(throws: ElementError.self) { try executor.cancel() }
            #expect(chain.connectionCount == 1)
        }
    }

    @Test("cancel refuses what waits and what follows, and ends the incarnation once", arguments: ElementForm.allCases)
    func cancel(form: ElementForm) async throws {
        try await run(form) { chain in
            let executor = try open(chain)
            exec(executor, "first") { [self] job in
                exec(executor, "second")
                try? executor.cancel()
                exec(executor, "third")
                job.finish()
            }
            chain.run()
            let refusal = "ABORTED: executor is already canceled: id"
            #expect(notes.all == ["first", "second \(refusal)", "third \(refusal)"])
            #expect(below.sights(.close).map(\.reason) == [.removed] && chain.connectionCount == 0)
            #expect(chain.close().isGood && below.count(.close) == 1)
        }
    }

    @Test("a Request that waits for a cancelled incarnation runs as the first of the next", arguments: ElementForm.allCases)
    func cancelled(form: ElementForm) async throws {
        below.script(.request, .hold, .next)
        try await run(form) { chain in
            chain.ask(service)
            let executor = try #require(Taken.by(service)).executor
            let waiting = chain.ask("2")
            try executor.cancel()
            chain.resume(below)
            #expect(waiting.isGood && bench.order == "RCR")
            #expect(below.sights(.request).map { $0.flags.contains(.first) } == [true, true])
            #expect(below.sights(.close).map(\.reason) == [.removed])
        }
    }

    @Test("a failed refresh keeps the executor, a failed first Request removes it", arguments: ElementForm.allCases)
    func failures(form: ElementForm) async throws {
        below.script(.request, .fail(.unavailable, "x"), .next, .fail(.unavailable, "x"))
        try await run(form) { chain in
            let removed = try open(chain)
            exec(removed, "removed")
            let kept = try open(chain)
            _ = chain.ask("refresh")
            exec(kept, "kept")
            chain.run()
            #expect(notes.all == ["removed ABORTED: executor is already canceled: id", "kept"])
        }
    }

    @Test("a Close from outside skips the jobs that wait, and ends what a job has begun", arguments: ElementForm.allCases)
    func closing(form: ElementForm) async throws {
        below.script(.request, .next, .hold)
        try await run(form) { chain in
            let taken = try open(chain), host = try #require(Taken.by(service)).host
            exec(taken, "job") { job in
                let message = try? host.connections.withLast(of: taken.connection) { last throws(ElementError) in Brought(try last.copy()) }
                guard let brought = message, let copy = try? brought.copy() else { return job.finish() }
                _ = try? host.events.requestBelow(taken.connection, with: copy) { [notes] answer in
                    notes.add(answer.error == nil ? "ended well" : "ended")
                    job.finish()
                }
            }
            chain.run()
            exec(taken, "waiting")
            let closing = chain.close()
            #expect(closing.isGood && bench.order == "RRC")
            #expect(notes.all.first == "job" && notes.all.contains("waiting ABORTED: executor is already canceled: id"))
            #expect(notes.all.contains("ended"))
        }
    }

    @Test("an event that runs is ended by a Close from outside, one that waits is skipped", arguments: ElementForm.allCases)
    func events(form: ElementForm) async throws {
        below.script(.request, .next, .hold)
        try await run(form) { chain in
            let executor = try open(chain), host = try #require(Taken.by(service)).host
            for name in ["running", "waiting"] {
                try host.events.request(executor.connection) { [notes] answer in notes.add("\(name) \(answer.error?.text ?? "well")") }
                chain.run()
            }
            #expect(chain.close().isGood && bench.order == "RRC")
            // What is below is told that nobody waits, and its own words are heard.
            #expect(notes.all.sorted() == ["running nobody waits for bench/below", "waiting executor is already canceled: id"])
        }
    }

    @Test("jobs are bounded with the Requests", arguments: ElementForm.allCases)
    func bound(form: ElementForm) async throws {
        below.script(.request, .next, .hold, .next)
        try await run(form, ["queue": 2]) { chain in
            let executor = try open(chain)
            chain.ask("2")
            chain.ask("3")
            for name in ["a", "b"] { exec(executor, name) }
            chain.run()
            #expect(notes.all == ["b RESOURCE_EXHAUSTED: 2 Requests and jobs wait already: id"])
            chain.resume(below)
            #expect(notes.all.last == "a")
        }
    }

    @Test("a job that never finishes is finished by the host, and named", arguments: ElementForm.allCases)
    func late(form: ElementForm) async throws {
        try await run(form) { chain in
            let executor = try open(chain), held = Mutex<Executor.Job?>(nil)
            exec(executor, "late") { job in held.withLock { $0 = job } }
            chain.run()
            let waiting = chain.ask("2")
            chain.advance(by: .seconds(31))
            #expect(waiting.isGood)
            #expect(chain.logLines.contains { "\($0)".contains("take-executor") })
            held.withLock { $0 }?.finish()
            chain.run()
            #expect(chain.ask("3").isGood)
        }
    }

    @Test("connections that are let go of with the host refuse their jobs", arguments: ElementForm.allCases)
    func stop(form: ElementForm) async throws {
        try await run(form) { chain in
            let executor = try open(chain)
            exec(executor, "job") { [self] job in
                exec(executor, "behind")
                job.finish()
            }
        }
        #expect(notes.all.count == 2)
    }
}
