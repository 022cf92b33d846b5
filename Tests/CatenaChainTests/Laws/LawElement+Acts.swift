// SPDX-License-Identifier: Apache-2.0
// What elements of a case begin by themselves: events, posts, timers, time limits, and the withdrawal of all of these.

import CatenaABI

@testable import CatenaChain

extension LawElement {
    func perform(_ act: Decision.Act, _ hold: TicketWatch.Hold, _ place: Place) {
        let instance = hold.instance
        if case .deadlineBelow(let duration) = act {
            guard hold.hook == .request else { return }
            let status = instance.calls.deadline_below(instance.host, hold.hop.call, duration)
            world.book.check(status == CATENA_OK, 6, "deadline_below said \(Name.of(status: status))")
            world.book.add(.met(.timeLimit))
            world.later(duration, place: -1) { [world] in
                if world.book.answers[hold.key] == nil { world.book.disturbed.insert(hold.key) }
            }
            world.book.note("e\(number) gives what is below \(duration)")
            return
        }
        guard hold.conn != 0, world.spend() else { return }
        switch act {
        case .job(let job, let delay):
            guard hold.leg == 0, hold.hook == .request || hold.hook == .requestReply, let executor = executor(hold) else { return }
            let own = LawJob(world, number, hold.conn, instance, executor, job, id: LawWorld.id(hold.hop.message), key: Script.child(of: place, 9))
            world.jobs.append(own)
            when(delay, -1) { own.ask() }
        case .event(let verb, let reason, let ownMessage, let delay):
            let id = LawWorld.id(hold.hop.message)
            let key = ownMessage ? Script.child(of: place, 2) : 0
            let place = delay == 0 ? -2 : Int(delay) % (world.plan.loops + 1) - 1
            when(delay, place) { [self] in
                start(instance, hold.conn, verb, reason, message: ownMessage ? world.event(id, key: key) : nil, key: key)
            }
        case .post(let delay): when(delay, -1) { [self] in post(instance, hold.conn, hold.leg) }
        case .timer(let span): when(span / 2, -1) { [self] in arm(instance, hold.conn, hold.leg, world.clock.now + span) }
        case .cancelTimer:
            guard let timer = world.operations.last(number, .timer), world.duties.home(timer.conn) == world.loop else { return }
            world.book.note("e\(number) withdraws its timer")
            world.book.add(.met(.withdrawn))
            let isWithdrawn = instance.timers.cancel(instance.host, timer.number)
            // The end of a leg without slots is not seen here.
            world.book.check(isWithdrawn || timer.leg != 0, 6, "a timer could not be withdrawn")
            timer.isOver = true
        case .cancelOperation(let delay): when(delay, -1) { [self] in cancelLast(instance) }
        case .deadlineBelow: break
        }
    }

    private func executor(_ hold: TicketWatch.Hold) -> UnsafePointer<catena_executor>? {
        guard world.plan.fires, hold.hop.values != nil, !world.isAnchor(number) else { return nil }
        return (hold.hop.values + hold.instance.offsets[1]).load(as: UnsafePointer<catena_executor>?.self)
    }

    private func when(_ delay: UInt64, _ place: Int, _ work: @escaping () -> Void) {
        guard delay > 0 else { return work() }
        world.later(delay, place: place, work)
    }

    private func start(
        _ instance: ScriptedInstance, _ conn: catena_conn, _ verb: Verb, _ reason: catena_reason, message: OpaquePointer?, key: UInt64
    ) {
        let operation = LawOperation(.event, number, conn: conn, leg: 0, key: key, world: world) { [world] error, _ in
            if key != 0 { world.book.answered(key, error?.pointee.code ?? CATENA_OK, "") }
        }
        var what = catena_start()
        what.struct_size = UInt32(MemoryLayout<catena_start>.size)
        what.verb = verb.rawValue
        what.reason = reason
        what.message = message
        operation.number = instance.connections.start(instance.host, conn, &what, LawOperation.done, operation.pointer)
        world.book.note("e\(number) starts a \(verb) of conn \(conn)\(operation.number == 0 ? ": gone" : "")")
        world.checkGone(operation.number == 0, conn, "start")
        if operation.number != 0 { world.operations.add(operation) }
    }

    private func post(_ instance: ScriptedInstance, _ conn: catena_conn, _ leg: catena_leg) {
        let operation = LawOperation(.post, number, conn: conn, leg: leg, world: world)
        let status = instance.connections.post(instance.host, conn, leg, LawOperation.fired, operation.pointer)
        world.book.note("e\(number) posts to conn \(conn) leg \(leg): \(Name.of(status: status))")
        world.checkGone(status == CATENA_GONE, conn, "post")
        guard status == CATENA_OK else { return }
        operation.number = .max
        world.operations.add(operation)
    }

    private func arm(_ instance: ScriptedInstance, _ conn: catena_conn, _ leg: catena_leg, _ due: UInt64) {
        let operation = LawOperation(.timer, number, conn: conn, leg: leg, due: due, world: world)
        operation.number = instance.timers.at(instance.host, conn, leg, due, LawOperation.fired, operation.pointer)
        world.book.note("e\(number) arms a timer for conn \(conn) leg \(leg)\(operation.number == 0 ? ": gone" : "")")
        world.checkGone(operation.number == 0, conn, "timer")
        if operation.number != 0 { world.operations.add(operation) }
    }

    private func cancelLast(_ instance: ScriptedInstance) {
        guard let operation = world.operations.last(number, .event, .client) else { return }
        world.book.note("e\(number) cancels its \(operation.kind)")
        world.book.disturbed.insert(operation.key)
        let status = instance.connections.cancel(instance.host, operation.number)
        world.book.check(status == CATENA_OK, 6, "cancel of what is not over said \(Name.of(status: status))")
    }
}
