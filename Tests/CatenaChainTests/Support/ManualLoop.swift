// SPDX-License-Identifier: Apache-2.0
// A loop and a clock that a test turns by hand, so that deadlines and timers are tested without waiting for them.

import Glibc
import Synchronization

@testable import CatenaChain

/// The clock of all manual loops of one bench. Begins at 1 s, as 0 means "none".
final class ManualClock: Sendable {
    private let nanoseconds = Atomic<UInt64>(1_000_000_000)

    var now: UInt64 {
        get { nanoseconds.load(ordering: .relaxed) }
        set { nanoseconds.store(newValue, ordering: .relaxed) }
    }
}

final class ManualLoop: ChainLoop {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var wakes: [(at: UInt64, order: Int, work: @Sendable () -> Void)] = []
        var order = 0
        var runner: pthread_t?
    }

    let clock: ManualClock
    private let state = Mutex(State())

    init(clock: ManualClock) { self.clock = clock }

    var isCurrent: Bool { state.withLock { $0.runner == pthread_self() } }
    func now() -> UInt64 { clock.now }
    func execute(_ work: @escaping @Sendable () -> Void) { state.withLock { $0.jobs.append(work) } }

    func wake(at deadline: UInt64, _ work: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.order += 1
            state.wakes.append((deadline, state.order, work))
        }
    }

    /// Runs `body` as work of this loop, at once.
    func enter(_ body: () -> Void) {
        let before = state.withLock { state in
            defer { state.runner = pthread_self() }
            return state.runner
        }
        body()
        state.withLock { $0.runner = before }
    }

    /// Runs the next job, if there is one.
    func runOne() -> Bool {
        guard let job = state.withLock({ $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }) else { return false }
        enter(job)
        return true
    }

    /// How many jobs wait.
    var jobCount: Int { state.withLock { $0.jobs.count } }

    /// When the next wake-up is.
    var nextWake: UInt64? { state.withLock { $0.wakes.map(\.at).min() } }

    /// The engine is gone: what it was still to be woken for does not matter.
    func forget() { state.withLock { $0.wakes = [] } }

    /// Runs the wake-ups whose time has come.
    func runWakes() {
        let now = clock.now
        let due = state.withLock { state in
            defer { state.wakes.removeAll { $0.at <= now } }
            return state.wakes.filter { $0.at <= now }.sorted { ($0.at, $0.order) < ($1.at, $1.order) }
        }
        for wake in due { enter(wake.work) }
    }
}
