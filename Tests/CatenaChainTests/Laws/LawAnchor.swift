// SPDX-License-Identifier: Apache-2.0
// The anchor of a case: one call of a connection at a time, in the order they came, and now and then a job of its own that
// holds the turn and begins calls just after the anchor. What serialize does, with every answer at any time.

import CatenaABI

@testable import CatenaChain

/// The hooks of an anchor.
final class LawAnchor: CaseAnchor {
    enum Turn {
        case call(TicketWatch.Hold, connection: Int)
        case job(LawExecutor.Job)
    }

    /// Who has the turn of one connection, and who waits.
    final class Queue {
        var isBusy = false
        /// A Close has failed, and is to be tried again.
        var isClosing = false
        var waiting: [Turn] = []

        func refuseJobs() {
            for case .job(let job) in waiting { job.refuse() }
            waiting.removeAll { if case .job = $0 { true } else { false } }
        }
    }

    private unowned let world: LawWorld
    private let number: Int
    private var queues: [Queue] = []
    /// Asks for its turn also where nothing is open.
    private let isThorough: Bool
    private(set) lazy var executor = LawExecutor(self)

    private var instance: ScriptedInstance { world.elements[number].instance }
    var host: UnsafePointer<catena_host> { instance.host }
    var api: catena_anchor_api { instance.anchors }
    var connections: catena_connection_api { instance.connections }

    /// Is something open that is not about to end?
    func isOpen(_ conn: catena_conn) -> Bool { connections.established(host, conn) }

    init(_ world: LawWorld, number: Int) {
        self.world = world
        self.number = number
        isThorough = world.plan.seed % 5 == 0
    }

    func answer(_ hold: TicketWatch.Hold, _ place: Place, _ decision: Decision) -> catena_verdict {
        guard let queue = queue(hold.hop.conn_slot) else { return CATENA_FAIL }
        let connection = Int(LawWorld.id(hold.hop.message)) ?? -1
        switch hold.hook {
        case .request:
            if world.plan.fires {
                (hold.hop.values + hold.instance.offsets[1]).storeBytes(of: UnsafeRawPointer(executor.table), as: UnsafeRawPointer?.self)
            }
            return enter(queue, hold, connection)
        case .close:
            if !queue.isBusy, hold.flags & CATENA_HOP_KNOWN == 0, !isThorough { return CATENA_DONE }
            if world.plan.fires, queue.isBusy, decision.dice % 2 == 0 { abort(hold) }
            return enter(queue, hold, connection)
        default: return reply(hold, place, decision, queue, connection)
        }
    }

    func queue(_ slot: UnsafeMutableRawPointer?) -> Queue? {
        guard let content = slot?.assumingMemoryBound(to: ConnSlot.self) else { return nil }
        if content.pointee.own == 0 {
            queues.append(Queue())
            content.pointee.own = UInt64(queues.count)
        }
        return queues[Int(content.pointee.own) - 1]
    }

    private func enter(_ queue: Queue, _ hold: TicketWatch.Hold, _ connection: Int) -> catena_verdict {
        guard queue.isBusy else {
            queue.isBusy = true
            world.book.tookTurn(hold.key, connection)
            return CATENA_NEXT
        }
        queue.waiting.append(.call(hold, connection: connection))
        return CATENA_PENDING
    }

    /// A Close does not wait for what an element has begun.
    private func abort(_ hold: TicketWatch.Hold) {
        let status = ScriptedInstance.withError(CATENA_ABORTED, "the connection is being closed") { api.abort(host, hold.conn, $0) }
        world.book.note("e\(number) aborts what is below of conn \(hold.conn): \(Name.of(status: status))")
        if status == CATENA_OK { world.book.add(.met(.aborted)) }
    }

    /// A Close that failed may be kept for another try.
    private func keep(_ hold: TicketWatch.Hold, _ place: Place, _ queue: Queue, _ dice: UInt64) {
        let isFailed = hold.hook == .closeReply && hold.failed && !hold.isRefused && hold.reason != CATENA_RESELECT
        guard world.plan.fires, isFailed, dice % 2 == 0, isOpen(hold.conn) else { return }
        let until = world.plan.isCalm || dice % 4 == 0 ? 0 : world.clock.now + 5000
        let status = api.keep_after_close(host, hold.hop.call, until)
        guard status != CATENA_GONE else { return }
        world.book.check(status == CATENA_OK, 6, "keep_after_close said \(Name.of(status: status))")
        world.book.add(.met(.kept))
        world.book.note("e\(number) keeps conn \(hold.conn)")
        queue.isClosing = true
        world.duties.keep(hold.conn)
        guard dice % 8 != 0, world.spend() else { return }
        world.later(dice % 3, place: -1) { [self] in
            let operation = LawOperation(.event, number, conn: hold.conn, leg: 0, world: world)
            var what = catena_start()
            what.struct_size = UInt32(MemoryLayout<catena_start>.size)
            what.verb = CATENA_VERB_CLOSE
            what.reason = CATENA_RETRY
            operation.number = connections.start(host, hold.conn, &what, LawOperation.done, operation.pointer)
            if operation.number != 0 { world.operations.add(operation) }
        }
    }

    // MARK: The way out

    /// Gives the turn on, and answers: what is stored is stored before the next call begins.
    private func reply(
        _ hold: TicketWatch.Hold, _ place: Place, _ decision: Decision, _ queue: Queue, _ connection: Int
    ) -> catena_verdict {
        let host = hold.instance.host
        let ticket = hold.hop.call
        if case .fail(let code) = decision.answer { ScriptedInstance.withError(code, "scripted") { host.pointee.set_error(host, ticket, $0) } }
        if hold.hook == .requestReply, !hold.failed { queue.isClosing = false }
        keep(hold, place, queue, decision.dice)
        if hold.hook == .closeReply { queue.refuseJobs() }
        if world.plan.fires || !begin(hold, place, decision, connection, queue) { pass(queue, isOpen: isOpen(hold)) }
        return decision.answer.verdict
    }

    /// Is the connection open when this reply hook is done?
    private func isOpen(_ hold: TicketWatch.Hold) -> Bool {
        let instance = hold.instance
        let isKnown = instance.connections.established(instance.host, hold.conn)
        if hold.hook == .requestReply { return !hold.failed || isKnown }
        let queue = queue(hold.hop.conn_slot)
        return isKnown && (hold.reason == CATENA_RESELECT || hold.isRefused || queue?.isClosing == true)
    }

    func pass(_ queue: Queue, isOpen: Bool) {
        queue.isBusy = false
        while !queue.waiting.isEmpty {
            switch queue.waiting.removeFirst() {
            case .call(let hold, _) where hold.hook == .close && !isOpen && !isThorough:
                world.tickets.resume(hold.hop.call, .done)
            case .call(let hold, let connection):
                guard world.tickets.resume(hold.hop.call, .next) == CATENA_OK else { continue }
                queue.isBusy = true
                world.book.tookTurn(hold.key, connection)
                return
            case .job(let job):
                guard isOpen else {
                    job.refuse()
                    continue
                }
                queue.isBusy = true
                return executor.begin(job, queue)
            }
        }
    }

    // MARK: Jobs

    /// Holds the turn for one call that begins just after the anchor.
    private func begin(_ hold: TicketWatch.Hold, _ place: Place, _ decision: Decision, _ connection: Int, _ queue: Queue) -> Bool {
        guard hold.hook == .requestReply, !hold.failed, decision.answer == .next, decision.dice % 8 == 0, world.plan.rates.act > 0,
            world.spend()
        else { return false }
        let verb: Verb = decision.dice % 3 == 0 ? .close : .request
        let reason = verb == .close && decision.dice % 2 == 0 ? CATENA_RESELECT : CATENA_EVENT
        let key = Script.child(of: place, 1)
        let instance = hold.instance
        let operation = LawOperation(.event, number, conn: hold.conn, leg: 0, key: key, world: world) { [self] error, _ in
            world.book.answered(key, error?.pointee.code ?? CATENA_OK, "")
            let isRefused = LawWorld.isRefused(error)
            let isKnown = instance.connections.established(instance.host, hold.conn)
            pass(queue, isOpen: isKnown && (verb == .request || reason == CATENA_RESELECT || isRefused))
        }
        var what = catena_start()
        what.struct_size = UInt32(MemoryLayout<catena_start>.size)
        what.verb = verb.rawValue
        what.from = CATENA_FROM_MY_NEXT
        what.reason = reason
        what.message = world.message("\(connection)", key: key)
        world.inner[key] = (verb, reason, connection)
        operation.number = instance.connections.start(instance.host, hold.conn, &what, LawOperation.done, operation.pointer)
        world.book.note("e\(number) holds the turn for a \(verb) of conn \(hold.conn)")
        guard operation.number != 0 else { return false }
        world.operations.add(operation)
        world.book.tookTurn(key, connection)
        return true
    }

    // MARK: Ends

    /// The caller left: a Request leaves the queue, a Close stays.
    func cancelled(_ hold: TicketWatch.Hold) {
        guard let queue = queue(hold.hop.conn_slot), hold.hook == .request else { return }
        let index = queue.waiting.firstIndex { if case .call(let waiting, _) = $0 { waiting.hop.call == hold.hop.call } else { false } }
        guard let index else { return }
        queue.waiting.remove(at: index)
        world.tickets.resume(hold.hop.call, .fail(CATENA_CANCELLED))
    }

    func dropped(_ slot: UnsafeMutableRawPointer, _ conn: catena_conn, _ reason: catena_reason) {
        guard let queue = queue(slot) else { return }
        world.book.check(!queue.isBusy && queue.waiting.isEmpty, 4, "the anchor's slot is dropped while somebody has the turn or waits for it")
    }
}
