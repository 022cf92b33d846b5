// SPDX-License-Identifier: Apache-2.0
// A loop with a thread of its own, for what only threads can show.
internal import CatenaChain
internal import Foundation
internal import Synchronization

/// Unchecked: `jobs`, `wakes` and `isOver` under `condition`; `runner` is set before anything runs.
final class ThreadLoop: ChainLoop, @unchecked Sendable {
    private let condition = NSCondition()
    private var jobs: [@Sendable () -> Void] = []
    private var wakes: [(at: UInt64, work: @Sendable () -> Void)] = []
    private var isOver = false
    private let runner = Mutex<pthread_t?>(nil)
    private let ended = DispatchSemaphore(value: 0)

    init() {
        let isRunning = DispatchSemaphore(value: 0)
        Thread { [self] in
            runner.withLock { $0 = pthread_self() }
            isRunning.signal()
            while let batch = nextBatch() { for job in batch { job() } }
            ended.signal()
        }.start()
        isRunning.wait()
    }

    var isCurrent: Bool { runner.withLock { $0 == pthread_self() } }

    func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    func execute(_ work: @escaping @Sendable () -> Void) { add { $0.jobs.append(work) } }
    func wake(at deadline: UInt64, _ work: @escaping @Sendable () -> Void) { add { $0.wakes.append((deadline, work)) } }

    /// Runs what is there, and ends the thread.
    func end() {
        add { $0.isOver = true }
        ended.wait()
    }

    private func add(_ body: (ThreadLoop) -> Void) {
        condition.lock()
        body(self)
        condition.signal()
        condition.unlock()
    }

    private func nextBatch() -> [@Sendable () -> Void]? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            let now = now()
            let batch = wakes.filter { $0.at <= now }.sorted { $0.at < $1.at }.map(\.work) + jobs
            wakes.removeAll { $0.at <= now }
            jobs = []
            if !batch.isEmpty { return batch }
            if isOver { return nil }
            guard let next = wakes.map(\.at).min() else {
                condition.wait()
                continue
            }
            _ = condition.wait(until: Date(timeIntervalSinceNow: Double(next - now) / 1e9))
        }
    }
}
