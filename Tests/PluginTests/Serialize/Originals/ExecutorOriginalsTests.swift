// SPDX-License-Identifier: Apache-2.0
// The tests of the Go executor, T1.1 to T1.10, with their numbers: a job is what they call a function, and its finish the function's
// return.
internal import CatenaElement
internal import CatenaElementTesting
internal import Foundation
internal import SerializeElement
internal import Synchronization
internal import Testing

@Suite("serialize: originals, executor", .serialized)
struct ExecutorOriginalsTests {
    private static let jobs = 1_000

    /// A connection's executor for the length of a test.
    private func run(_ form: ElementForm, ids: Int = 1, _ body: @Sendable ([Executor]) async throws -> Void) async throws {
        let name = UUID().uuidString
        let chain = try ThreadedChain([
            (try ElementSource(SerializeElement.self, form), ["queue": 4096]), (try ElementSource(ExecutorTaker.self), .empty),
        ])
        await chain.start()
        var executors: [Executor] = []
        for id in 0..<ids {
            _ = await chain.call(.request, TestMessage(id: "id-\(id)", service: "\(name)-\(id)"), on: id)
            executors.append(try #require(Taken.by("\(name)-\(id)")).executor)
        }
        try await body(executors)
        for id in 0..<ids { _ = await chain.call(.close, TestMessage(id: "id-\(id)"), on: id) }
        #expect(await chain.stop() == 0)
    }

    /// Waits for a number of events.
    private final class Gate: Sendable {
        private let state: Mutex<(left: Int, waiting: CheckedContinuation<Void, Never>?)>
        init(_ count: Int) { state = Mutex((count, nil)) }

        func pass() {
            state.withLock { state in
                state.left -= 1
                return state.left == 0 ? state.waiting.take() : nil
            }?.resume()
        }

        func wait() async {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.left > 0 { state.waiting = continuation }
                    return state.left <= 0
                }
                if isOver { continuation.resume() }
            }
        }
    }

    @Test("T1.1: submitting runs nothing inside itself, so a job may need a lock that its submitter holds", arguments: ElementForm.allCases)
    func asynchronous(form: ElementForm) async throws {
        try await run(form) { executors in
            let lock = Mutex(0), gate = Gate(1)
            lock.withLock { _ in
                executors[0].exec { job in
                    lock.withLock { $0 += 1 }
                    job.finish()
                    gate.pass()
                }
            }
            await gate.wait()
            #expect(lock.withLock { $0 } == 1)
        }
    }

    @Test("T1.2, T1.9: after a job has been waited for its effect is visible, a thousand times", arguments: ElementForm.allCases)
    func synchronous(form: ElementForm) async throws {
        try await run(form) { executors in
            let count = Mutex(0)
            for number in 1...Self.jobs {
                try await executors[0].withTurn { count.withLock { $0 += 1 } }
                #expect(count.withLock { $0 } == number)
            }
        }
    }

    @Test("T1.3: a thousand jobs run in the order they came, though they are let go in reverse", arguments: ElementForm.allCases)
    func order(form: ElementForm) async throws {
        try await run(form) { executors in
            try await inOrder(executors[0], count: Self.jobs)
        }
    }

    @Test("T1.4: of two jobs the first one runs first, though the second is let go first", arguments: ElementForm.allCases)
    func two(form: ElementForm) async throws {
        try await run(form) { executors in
            for _ in 0..<100 { try await inOrder(executors[0], count: 2) }
        }
    }

    /// Each job holds the turn until it is let go, the last one first.
    private func inOrder(_ executor: Executor, count: Int) async throws {
        let order = Mutex<[Int]>([]), gate = Gate(count), turns = Turns(count)
        for number in 0..<count {
            executor.exec { job in
                order.withLock { $0.append(number) }
                turns.began(number, job)
                gate.pass()
            }
        }
        for number in (0..<count).reversed() { turns.letGo(number) }
        await gate.wait()
        #expect(order.withLock { $0 } == Array(0..<count))
    }

    /// Jobs that finish when they have both begun and been let go.
    private final class Turns: Sendable {
        private let state: Mutex<(begun: [Executor.Job?], isFree: [Bool])>
        init(_ count: Int) { state = Mutex((Array(repeating: nil, count: count), Array(repeating: false, count: count))) }

        func began(_ number: Int, _ job: Executor.Job) {
            state.withLock { state -> Executor.Job? in
                state.begun[number] = job
                return state.isFree[number] ? job : nil
            }?.finish()
        }

        func letGo(_ number: Int) {
            state.withLock { state -> Executor.Job? in
                state.isFree[number] = true
                return state.begun[number]
            }?.finish()
        }
    }

    @Test("T1.5: one job at a time, a thousand of them", arguments: ElementForm.allCases)
    func single(form: ElementForm) async throws {
        try await run(form) { executors in
            let running = Atomic(0), most = Mutex(0), gate = Gate(Self.jobs)
            for _ in 0..<Self.jobs {
                executors[0].exec { job in
                    let now = running.add(1, ordering: .relaxed).newValue
                    most.withLock { $0 = max($0, now) }
                    DispatchQueue.global().async {
                        running.subtract(1, ordering: .relaxed)
                        job.finish()
                        gate.pass()
                    }
                }
            }
            await gate.wait()
            #expect(most.withLock { $0 } == 1)
        }
    }

    @Test("T1.6: a thousand submitters at once; their jobs need no lock among themselves", arguments: ElementForm.allCases)
    func race(form: ElementForm) async throws {
        try await run(form) { executors in
            let list = Unlocked(), gate = Gate(Self.jobs)
            await withTaskGroup { group in
                for number in 0..<Self.jobs {
                    group.addTask {
                        executors[0].exec { job in
                            list.numbers.append(number)
                            job.finish()
                            gate.pass()
                        }
                    }
                }
            }
            await gate.wait()
            #expect(list.numbers.count == Self.jobs && Set(list.numbers).count == Self.jobs)
        }
    }

    /// Unchecked on purpose: what is tried is that jobs of one connection never run at once.
    private final class Unlocked: @unchecked Sendable {
        var numbers: [Int] = []
    }

    @Test("T1.7: jobs that submit jobs, three deep, with a thousand more in the queue", arguments: ElementForm.allCases)
    func nested(form: ElementForm) async throws {
        try await run(form) { executors in
            let executor = executors[0], gate = Gate(Self.jobs + 3)
            executor.exec { job in
                executor.exec { job in
                    executor.exec { job in
                        job.finish()
                        gate.pass()
                    }
                    job.finish()
                    gate.pass()
                }
                job.finish()
                gate.pass()
            }
            for _ in 0..<Self.jobs {
                executor.exec { job in
                    job.finish()
                    gate.pass()
                }
            }
            await gate.wait()
        }
    }

    @Test("T1.8: each job builds on what the one before has written", arguments: ElementForm.allCases)
    func dependent(form: ElementForm) async throws {
        try await run(form) { executors in
            let list = Unlocked(), gate = Gate(Self.jobs)
            for number in 0..<Self.jobs {
                executors[0].exec { job in
                    if list.numbers.last.map({ $0 + 1 }) ?? 0 == number { list.numbers.append(number) }
                    job.finish()
                    gate.pass()
                }
            }
            await gate.wait()
            #expect(list.numbers == Array(0..<Self.jobs))
        }
    }

    @Test("T1.10: a thousand jobs over ten ids; for each id they run in order, a hundred in the end", arguments: ElementForm.allCases)
    func many(form: ElementForm) async throws {
        try await run(form, ids: 10) { executors in
            let lists = executors.map { _ in Unlocked() }, gate = Gate(Self.jobs)
            for number in 0..<Self.jobs {
                executors[number % 10].exec { job in
                    lists[number % 10].numbers.append(number / 10)
                    job.finish()
                    gate.pass()
                }
            }
            await gate.wait()
            #expect(lists.map(\.numbers) == Array(repeating: Array(0..<100), count: 10))
        }
    }
}
