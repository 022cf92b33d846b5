// SPDX-License-Identifier: Apache-2.0
// The executor of a case's anchor. Jobs wait in the anchor's queue; each is told exactly once that it has the turn or that it is refused,
// on the loop of its connection where that is still there.

import CatenaABI

@testable import CatenaChain

/// What leads from the C table of an executor to the anchor of a case.
final class LawExecutor: ExecutorTable, @unchecked Sendable {  // a case runs on one thread
    /// A job on its way to its turn.
    final class Job {
        let number: catena_job
        let offer: Offer
        unowned let executor: LawExecutor

        init(_ number: catena_job, _ offer: Offer, _ executor: LawExecutor) {
            self.number = number
            self.offer = offer
            self.executor = executor
        }

        func refuse() { offer.refuse("refused") }
    }

    private unowned let anchor: LawAnchor
    private var count: catena_job = 0
    private var running: [catena_job: Job] = [:]
    private var cancelled: Set<catena_conn> = []
    /// Posts that are under way keep what they carry.
    private var posted: [UInt64: (LawAnchor.Queue?) -> Void] = [:]
    private var posts: UInt64 = 0

    init(_ anchor: LawAnchor) {
        self.anchor = anchor
        super.init()
    }

    // MARK: From anywhere

    override func add(_ offer: Offer) -> catena_status {
        count += 1
        let job = Job(count, offer, self), conn = offer.conn
        let isPosted = !cancelled.contains(conn) && post(conn) { [self] queue in
            guard let queue, anchor.isOpen(conn), !queue.isClosing else { return job.refuse() }
            guard !queue.isBusy else { return queue.waiting.append(.job(job)) }
            queue.isBusy = true
            run(job, queue)
        }
        if !isPosted { job.refuse() }
        return isPosted ? CATENA_OK : CATENA_GONE
    }

    override func finish(_ number: catena_job) {
        guard let job = running.removeValue(forKey: number) else { return }
        _ = post(job.offer.conn) { [self] queue in
            guard let queue else { return }
            _ = anchor.api.lend_turn(anchor.host, job.offer.conn, nil)
            anchor.pass(queue, isOpen: anchor.isOpen(job.offer.conn))
        }
    }

    override func cancel(_ conn: catena_conn) -> catena_status {
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
        if post(job.offer.conn, { [self] in $0.map { run(job, $0) } ?? job.refuse() }) { return }
        job.refuse()
        anchor.pass(queue, isOpen: false)
    }

    private func run(_ job: Job, _ queue: LawAnchor.Queue) {
        var loan = loan(job.number, to: job.offer)
        guard anchor.api.lend_turn(anchor.host, job.offer.conn, &loan) == CATENA_OK else {
            job.refuse()
            return anchor.pass(queue, isOpen: anchor.isOpen(job.offer.conn))
        }
        running[job.number] = job
        job.offer.function(job.offer.argument, job.number, nil)
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
