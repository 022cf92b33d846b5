// SPDX-License-Identifier: Apache-2.0
// Threads that do something at the same moment, again and again: a start line costs less than what is raced, where a new thread for each
// time would come too late.

import Foundation
import Glibc
import Synchronization

enum Together {
    /// Runs acts at once, each on a thread of its own, of which this is one. They change places each time, as one thread is easily ahead.
    ///
    /// - Parameters:
    ///   - count: how many there are.
    ///   - each: on this thread: the acts, and what is done with their results.
    static func run<Result: Sendable>(
        _ count: Int, times: Int, _ each: () -> (acts: [@Sendable () -> Result], finish: ([Result]) -> Void)
    ) {
        let line = StartLine(count), state = Mutex<(acts: [@Sendable () -> Result], results: [Int: Result])>(([], [:]))
        let work = { @Sendable (thread: Int, turn: Int) in
            let index = (thread + turn) % count
            line.pass()
            let act = state.withLock { $0.acts[index] }
            line.pass()
            let result = act()
            state.withLock { $0.results[index] = result }
            line.pass()
        }
        for thread in 1..<count { Thread { for turn in 0..<times { work(thread, turn) } }.start() }
        for turn in 0..<times {
            let (acts, finish) = each()
            state.withLock { $0 = (acts, [:]) }
            work(0, turn)
            finish(state.withLock { state in (0..<count).compactMap { state.results[$0] } })
        }
    }
}

/// Lets a number of threads pass when all have come, any number of times.
private final class StartLine: Sendable {
    private let count: Int
    private let arrived = Atomic<Int>(0)

    init(_ count: Int) { self.count = count }

    func pass() {
        let before = arrived.wrappingAdd(1, ordering: .acquiringAndReleasing).oldValue
        let goal = (before / count + 1) * count
        while arrived.load(ordering: .acquiring) < goal { sched_yield() }
    }
}
