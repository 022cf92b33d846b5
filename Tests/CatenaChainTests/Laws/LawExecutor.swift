// SPDX-License-Identifier: Apache-2.0
// The executor of a case's anchor. Jobs wait in the anchor's queue; each is told exactly once that it has the turn or that it is refused,
// on the loop of its connection where that is still there.

import CatenaABI

@testable import CatenaChain

/// What leads from the C table of an executor to the anchor of a case.
final class LawExecutor {
    /// A job on its way to its turn.
    final class Job {
        let number: catena_job
        let conn: catena_conn
        let owner: UnsafePointer<catena_host>?
        let function: catena_job_fn
        let argument: UnsafeMutableRawPointer?
        unowned let executor: LawExecutor

        init(
            _ number: catena_job, _ conn: catena_conn, _ owner: UnsafePointer<catena_host>?, _ function: @escaping catena_job_fn,
            _ argument: UnsafeMutableRawPointer?, _ executor: LawExecutor
        ) {
            self.number = number
            self.conn = conn
            self.owner = owner
            self.function = function
            self.argument = argument
            self.executor = executor
        }

        func refuse() { ScriptedInstance.withError(CATENA_ABORTED, "refused") { function(argument, 0, $0) } }
    }

    let table: UnsafeMutablePointer<catena_executor>
    private unowned let anchor: LawAnchor
    private var count: catena_job = 0
    private var running: [catena_job: Job] = [:]
    private var cancelled: Set<catena_conn> = []
    /// Posts that are under way keep what they carry.
    private var posted: [UInt64: (LawAnchor.Queue?) -> Void] = [:]
    private var posts: UInt64 = 0

    init(_ anchor: LawAnchor) {
        self.anchor = anchor
        table = .allocate(capacity: 1)
        table.initialize(to: catena_executor())
        table.pointee.struct_size = UInt32(MemoryLayout<catena_executor>.size)
        table.pointee.ctx = Unmanaged.passUnretained(self).toOpaque()
        table.pointee.async_exec = { context, owner, conn, function, argument in
            guard let own = LawExecutor.of(context), let function else { return CATENA_MISUSE }
            return own.add(conn, owner, function, argument)
        }
        table.pointee.finish = { context, number in LawExecutor.of(context)?.finish(number) }
        table.pointee.cancel = { context, conn in LawExecutor.of(context)?.cancel(conn) ?? CATENA_MISUSE }
    }

    deinit { table.deallocate() }

    private static func of(_ context: UnsafeMutableRawPointer?) -> LawExecutor? {
        context.map { Unmanaged<LawExecutor>.fromOpaque($0).takeUnretainedValue() }
    }

    // MARK: From anywhere

    private func add(
        _ conn: catena_conn, _ owner: UnsafePointer<catena_host>?, _ function: @escaping catena_job_fn, _ argument: UnsafeMutableRawPointer?
    ) -> catena_status {
        count += 1
        let job = Job(count, conn, owner, function, argument, self)
        let isPosted = !cancelled.contains(conn) && post(conn) { [self] queue in
            guard let queue, anchor.isOpen(conn), !queue.isClosing else { return job.refuse() }
            guard !queue.isBusy else { return queue.waiting.append(.job(job)) }
            queue.isBusy = true
            run(job, queue)
        }
        if !isPosted { job.refuse() }
        return isPosted ? CATENA_OK : CATENA_GONE
    }

    private func finish(_ number: catena_job) {
        guard let job = running.removeValue(forKey: number) else { return }
        _ = post(job.conn) { [self] queue in
            guard let queue else { return }
            _ = anchor.api.lend_turn(anchor.host, job.conn, nil)
            anchor.pass(queue, isOpen: anchor.isOpen(job.conn))
        }
    }

    private func cancel(_ conn: catena_conn) -> catena_status {
        guard cancelled.insert(conn).inserted else { return CATENA_GONE }
        let isPosted = post(conn) { [self] queue in
            _ = anchor.api.end(anchor.host, conn, CATENA_REMOVED)
            queue?.refuseJobs()
        }
        return isPosted ? CATENA_OK : CATENA_GONE
    }

    // MARK: On the loop

    /// The queue has given the turn to the job.
    func begin(_ job: Job, _ queue: LawAnchor.Queue) {
        if post(job.conn, { [self] in $0.map { run(job, $0) } ?? job.refuse() }) { return }
        job.refuse()
        anchor.pass(queue, isOpen: false)
    }

    private func run(_ job: Job, _ queue: LawAnchor.Queue) {
        var loan = catena_loan()
        loan.struct_size = UInt32(MemoryLayout<catena_loan>.size)
        loan.to = job.owner
        loan.executor = UnsafePointer(table)
        loan.job = job.number
        guard anchor.api.lend_turn(anchor.host, job.conn, &loan) == CATENA_OK else {
            job.refuse()
            return anchor.pass(queue, isOpen: anchor.isOpen(job.conn))
        }
        running[job.number] = job
        job.function(job.argument, job.number, nil)
    }

    private func post(_ conn: catena_conn, _ work: @escaping (LawAnchor.Queue?) -> Void) -> Bool {
        posts += 1
        let number = posts
        posted[number] = work
        let box = Unmanaged.passRetained(Box(self, number))
        let status = anchor.connections.post(anchor.host, conn, 0, { argument, slot in
            guard let argument else { return }
            let box = Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
            let own = box.executor
            own.posted.removeValue(forKey: box.number)?(own.anchor.queue(slot))
        }, box.toOpaque())
        guard status != CATENA_OK else { return true }
        box.release()
        posted[number] = nil
        return false
    }

    private final class Box {
        let executor: LawExecutor
        let number: UInt64
        init(_ executor: LawExecutor, _ number: UInt64) {
            self.executor = executor
            self.number = number
        }
    }
}
