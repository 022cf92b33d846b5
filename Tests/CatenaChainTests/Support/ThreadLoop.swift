// SPDX-License-Identifier: Apache-2.0
// A loop with a thread of its own, for what only threads can show: calls that change loops, and answers that race.

import Foundation
import Synchronization

@testable import CatenaChain

final class ThreadLoop: ChainLoop, @unchecked Sendable {  // `jobs`, `wakes`, `isOver` under `condition`; `runner` written before start
    private let condition = NSCondition()
    private var jobs: [@Sendable () -> Void] = []
    private var wakes: [(at: UInt64, work: @Sendable () -> Void)] = []
    private var isOver = false
    private let runner = Mutex<pthread_t?>(nil)
    private let ended = DispatchSemaphore(value: 0)

    init() {
        let thread = Thread { [self] in
            runner.withLock { $0 = pthread_self() }
            run()
            ended.signal()
        }
        thread.start()
    }

    var isCurrent: Bool { runner.withLock { $0 == pthread_self() } }

    func now() -> UInt64 { ThreadLoop.monotonic() }

    func execute(_ work: @escaping @Sendable () -> Void) {
        condition.withLock {
            jobs.append(work)
            condition.signal()
        }
    }

    func wake(at deadline: UInt64, _ work: @escaping @Sendable () -> Void) {
        condition.withLock {
            wakes.append((deadline, work))
            condition.signal()
        }
    }

    /// Runs what is there, forgets what was to come, and ends the thread.
    func end() {
        condition.withLock {
            isOver = true
            condition.signal()
        }
        ended.wait()
        condition.withLock { wakes = [] }
    }

    static func monotonic() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private func run() {
        while let batch = nextBatch() {
            for job in batch { job() }
        }
    }

    private func nextBatch() -> [@Sendable () -> Void]? {
        condition.withLock {
            while true {
                let now = now()
                let due = wakes.filter { $0.at <= now }.sorted { $0.at < $1.at }.map(\.work)
                wakes.removeAll { $0.at <= now }
                let batch = due + jobs
                jobs = []
                if !batch.isEmpty { return batch }
                if isOver { return nil }
                if let next = wakes.map(\.at).min() {
                    _ = condition.wait(until: Date(timeIntervalSinceNow: Double(next - now) / 1e9))
                } else {
                    condition.wait()
                }
            }
        }
    }
}
