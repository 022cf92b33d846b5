// SPDX-License-Identifier: Apache-2.0
// The loops that calls are driven on: the calling thread itself, and for a crossing a second thread that looks for work all the time,
// so that what is measured is the crossing and not the kernel's way of waking a thread.

import BenchmarkSupport
import CatenaChain
import Glibc
import Synchronization

/// The calling thread: what is to run later runs when it is turned.
final class TurnedLoop: ChainLoop {
    private let jobs = Mutex<ContiguousArray<@Sendable () -> Void>>([])
    /// Whose thread it is; the main one's at first.
    private let owner: Mutex<pthread_t?>

    init(isMine: Bool = true) { owner = Mutex(isMine ? pthread_self() : nil) }

    var isCurrent: Bool { owner.withLock { $0 == pthread_self() } }
    func now() -> UInt64 { clock() }
    func execute(_ work: @escaping @Sendable () -> Void) { jobs.withLock { $0.append(work) } }
    func wake(at deadline: UInt64, _ work: @escaping @Sendable () -> Void) {}

    /// Runs what is there.
    /// - Returns: false: nothing was.
    @discardableResult
    func turn() -> Bool {
        let batch = jobs.withLock { jobs in
            guard !jobs.isEmpty else { return jobs }
            defer { jobs = [] }
            return jobs
        }
        for job in batch { job() }
        return !batch.isEmpty
    }

    /// Makes the calling thread this loop's, and turns until it is over.
    func run(until isOver: borrowing Atomic<Bool>) {
        owner.withLock { $0 = pthread_self() }
        while !isOver.load(ordering: .acquiring) { turn() }
    }
}

/// A second thread, which is another loop's.
final class OtherThread: Sendable {
    private let loop: TurnedLoop
    private let isOver = Atomic(false)
    private let thread = Mutex<pthread_t?>(nil)

    /// - Parameter first: on that loop, before anything else. Has run when this returns.
    init(loop: TurnedLoop, first: @escaping @Sendable () -> Void) {
        self.loop = loop
        let isReady = Ready()
        loop.execute {
            first()
            isReady.flag.store(true, ordering: .releasing)
        }
        var started = pthread_t()
        let me = Unmanaged.passRetained(self).toOpaque()
        let status = pthread_create(&started, nil, { context in
            guard let context else { return nil }
            let me = Unmanaged<OtherThread>.fromOpaque(context).takeRetainedValue()
            me.loop.run(until: me.isOver)
            return nil
        }, me)
        guard status == 0 else { fail("no thread") }
        thread.withLock { [started] in $0 = started }
        while !isReady.flag.load(ordering: .acquiring) { sched_yield() }
    }

    func end() {
        isOver.store(true, ordering: .releasing)
        if let thread = thread.withLock({ $0 }) { pthread_join(thread, nil) }
    }

    private final class Ready: Sendable {
        let flag = Atomic(false)
    }
}
