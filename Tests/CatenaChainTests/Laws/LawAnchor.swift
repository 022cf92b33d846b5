// SPDX-License-Identifier: Apache-2.0
// The anchor of a case: one call of a connection at a time, in the order they came, and now and then a job of its own that
// holds the turn and begins calls just after the anchor. What serialize does, with every answer at any time.

import CatenaABI

@testable import CatenaChain

/// The hooks of an anchor.
final class LawAnchor {
    private struct Turn {
        let hold: TicketWatch.Hold
        let connection: Int
        var isClose: Bool { hold.hook == .close }
    }

    /// Who has the turn of one connection, and who waits.
    private final class Queue {
        var isBusy = false
        var waiting: [Turn] = []
    }

    private unowned let world: LawWorld
    private let number: Int
    private var queues: [Queue] = []
    /// Asks for its turn also where nothing is open.
    private let isThorough: Bool

    init(_ world: LawWorld, number: Int) {
        self.world = world
        self.number = number
        isThorough = world.plan.seed % 5 == 0
    }

    func answer(_ hold: TicketWatch.Hold, _ place: Place, _ decision: Decision) -> catena_verdict {
        guard let queue = queue(hold.hop.conn_slot) else { return CATENA_FAIL }
        let connection = Int(LawWorld.id(hold.hop.message)) ?? -1
        switch hold.hook {
        case .request: return enter(queue, Turn(hold: hold, connection: connection))
        case .close:
            if !queue.isBusy, hold.flags & CATENA_HOP_KNOWN == 0, !isThorough { return CATENA_DONE }
            return enter(queue, Turn(hold: hold, connection: connection))
        default: return reply(hold, place, decision, queue, connection)
        }
    }

    private func queue(_ slot: UnsafeMutableRawPointer?) -> Queue? {
        guard let content = slot?.assumingMemoryBound(to: ConnSlot.self) else { return nil }
        if content.pointee.own == 0 {
            queues.append(Queue())
            content.pointee.own = UInt64(queues.count)
        }
        return queues[Int(content.pointee.own) - 1]
    }

    private func enter(_ queue: Queue, _ turn: Turn) -> catena_verdict {
        guard queue.isBusy else {
            queue.isBusy = true
            world.book.tookTurn(turn.hold.key, turn.connection)
            return CATENA_NEXT
        }
        queue.waiting.append(turn)
        return CATENA_PENDING
    }

    // MARK: The way out

    /// Gives the turn on, and answers: what is stored is stored before the next call begins.
    private func reply(
        _ hold: TicketWatch.Hold, _ place: Place, _ decision: Decision, _ queue: Queue, _ connection: Int
    ) -> catena_verdict {
        let host = hold.instance.host
        let ticket = hold.hop.call
        if case .fail(let code) = decision.answer { ScriptedInstance.withError(code, "scripted") { host.pointee.set_error(host, ticket, $0) } }
        if !begin(hold, place, decision, connection, queue) { pass(queue, isOpen: isOpen(hold)) }
        return decision.answer.verdict
    }

    /// Is the connection open when this reply hook is done?
    private func isOpen(_ hold: TicketWatch.Hold) -> Bool {
        let instance = hold.instance
        let isKnown = instance.connections.established(instance.host, hold.conn)
        if hold.hook == .requestReply { return !hold.failed || isKnown }
        return isKnown && (hold.reason == CATENA_RESELECT || hold.isRefused)
    }

    private func pass(_ queue: Queue, isOpen: Bool) {
        queue.isBusy = false
        while !queue.waiting.isEmpty {
            let turn = queue.waiting.removeFirst()
            if turn.isClose, !isOpen, !isThorough {
                world.tickets.resume(turn.hold.hop.call, .done)
                continue
            }
            if world.tickets.resume(turn.hold.hop.call, .next) == CATENA_OK {
                queue.isBusy = true
                world.book.tookTurn(turn.hold.key, turn.connection)
                return
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
        guard let queue = queue(hold.hop.conn_slot),
            let index = queue.waiting.firstIndex(where: { $0.hold.hop.call == hold.hop.call && !$0.isClose })
        else { return }
        queue.waiting.remove(at: index)
        world.tickets.resume(hold.hop.call, .fail(CATENA_CANCELLED))
    }

    func dropped(_ slot: UnsafeMutableRawPointer) {
        guard let queue = queue(slot) else { return }
        world.book.check(!queue.isBusy && queue.waiting.isEmpty, 4, "the anchor's slot is dropped while somebody has the turn or waits for it")
    }
}
