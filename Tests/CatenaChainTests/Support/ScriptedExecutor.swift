// SPDX-License-Identifier: Apache-2.0
// The executor of a scripted anchor: jobs go through the anchor's queue, and each has the turn until it finishes. Everything it is
// asked comes from any thread and is done on the connection's loop.

import CatenaABI
import Synchronization

@testable import CatenaChain

final class ScriptedExecutor: ExecutorTable, @unchecked Sendable {  // all it has is in a Mutex
    /// A job on its way.
    final class Job: Sendable {
        let number: catena_job
        let offer: Offer
        let executor: ScriptedExecutor

        init(_ number: catena_job, _ offer: Offer, _ executor: ScriptedExecutor) {
            self.number = number
            self.offer = offer
            self.executor = executor
        }

        /// On the loop.
        var isOpen: Bool { executor.anchor.connections.established(executor.anchor.host, offer.conn) }
    }

    private struct State {
        var anchor: ScriptedInstance?
        var running: [catena_job: Job] = [:]
        var cancelled: Set<catena_conn> = []
        var count: catena_job = 0
    }

    private let state = Mutex(State())

    fileprivate var anchor: ScriptedInstance { state.withLock { $0.anchor }! }

    /// Writes the value into a Request.
    func provide(_ instance: ScriptedInstance, _ hop: catena_hop) {
        state.withLock { $0.anchor = instance }
        (hop.values + instance.offsets[0]).storeBytes(of: UnsafeRawPointer(table), as: UnsafeRawPointer?.self)
    }

    func forget() { state.withLock { $0.anchor = nil } }

    // MARK: Jobs

    override func add(_ offer: Offer) -> catena_status {
        let (number, isCancelled) = state.withLock { state in
            state.count += 1
            return (state.count, state.cancelled.contains(offer.conn))
        }
        let job = Job(number, offer, self)
        guard !isCancelled, post(job, { job, slot in
            guard let queue = ScriptedAnchor.queue(slot), job.isOpen else { return job.executor.refuse(job) }
            guard !queue.isBusy else { return queue.waiting.append(.job(job)) }
            queue.isBusy = true
            job.executor.run(job, queue)
        }) else {
            refuse(job)
            return CATENA_GONE
        }
        return CATENA_OK
    }

    /// The job has the turn; its function runs outside of hooks.
    func begin(_ job: Job) {
        let isPosted = post(job) { job, slot in
            guard let queue = ScriptedAnchor.queue(slot) else { return job.executor.refuse(job) }
            job.executor.run(job, queue)
        }
        if !isPosted { refuse(job) }
    }

    private func run(_ job: Job, _ queue: ScriptedAnchor.Queue) {
        let anchor = self.anchor
        var loan = loan(job.number, to: job.offer)
        guard anchor.anchors.lend_turn(anchor.host, job.offer.conn, &loan) == CATENA_OK else {
            refuse(job)
            return anchor.element.queue!.pass(queue, anchor, isOpen: false)
        }
        state.withLock { $0.running[job.number] = job }
        job.offer.function(job.offer.argument, job.number, nil)
    }

    override func finish(_ number: catena_job) {
        guard let job = state.withLock({ $0.running.removeValue(forKey: number) }) else { return }
        _ = post(job) { job, slot in
            guard let queue = ScriptedAnchor.queue(slot) else { return }
            let anchor = job.executor.anchor
            _ = anchor.anchors.lend_turn(anchor.host, job.offer.conn, nil)
            anchor.element.queue!.pass(queue, anchor, isOpen: job.isOpen)
        }
    }

    override func cancel(_ conn: catena_conn) -> catena_status {
        guard state.withLock({ $0.cancelled.insert(conn).inserted }) else { return CATENA_GONE }
        let job = Job(0, Offer(conn: conn, owner: nil, function: { _, _, _ in }, argument: nil), self)
        let isPosted = post(job) { job, slot in
            let anchor = job.executor.anchor
            _ = anchor.anchors.end(anchor.host, job.offer.conn, CATENA_REMOVED)
            guard let queue = ScriptedAnchor.queue(slot) else { return }
            queue.waiting.removeAll {
                guard case .job(let waiting) = $0 else { return false }
                waiting.executor.refuse(waiting)
                return true
            }
        }
        return isPosted ? CATENA_OK : CATENA_GONE
    }

    func refuse(_ job: Job) {
        var bytes: [UInt8] = []
        let anchor = self.anchor
        withUnsafeMutablePointer(to: &bytes) { bytes in
            var writer = catena_writer()
            writer.ctx = UnsafeMutableRawPointer(bytes)
            writer.put = { context, view in
                context?.assumingMemoryBound(to: [UInt8].self).pointee.append(contentsOf: UnsafeBufferPointer(start: view.ptr, count: view.len))
            }
            _ = anchor.connections.id(anchor.host, job.offer.conn, &writer)
        }
        job.offer.refuse("executor is already canceled: \(String(decoding: bytes, as: UTF8.self))")
    }

    /// Runs the function with the anchor's slot.
    private func post(_ job: Job, _ function: @escaping (Job, UnsafeMutableRawPointer?) -> Void) -> Bool {
        let box = Unmanaged.passRetained(Posted(job, function))
        let status = anchor.connections.post(anchor.host, job.offer.conn, 0, { argument, slot in
            guard let argument else { return }
            let posted = Unmanaged<Posted>.fromOpaque(argument).takeRetainedValue()
            posted.function(posted.job, slot)
        }, box.toOpaque())
        if status != CATENA_OK { box.release() }
        return status == CATENA_OK
    }

    private final class Posted {
        let job: Job
        let function: (Job, UnsafeMutableRawPointer?) -> Void
        init(_ job: Job, _ function: @escaping (Job, UnsafeMutableRawPointer?) -> Void) {
            self.job = job
            self.function = function
        }
    }
}
