// SPDX-License-Identifier: Apache-2.0
// One element of a case. Its hooks look at everything that they are shown, ask the script what to do, and do it.

import CatenaABI

@testable import CatenaChain

/// The hooks of one element of a case.
final class LawElement: Judge {
    unowned let world: LawWorld
    let number: Int
    private let chain: Int
    private let plan: ElementPlan
    private let anchor: (any CaseAnchor)?
    private let connector: LawConnector?

    static func make(_ world: LawWorld, chain: Int, position: Int, uses: String) -> ScriptedElement {
        let plan = world.plan.chains[chain][position]
        let number = world.plan.number(chain, position)
        let element = ScriptedElement("e\(number)", hooks: plan.hooks.union((plan.hasCallSlot ? [.callDropped] : []) + (plan.hasConnSlot ? [.connDropped] : [])))
        let isAnchor = plan.kind == .anchor || plan.kind == .inert
        element.flags = (isAnchor ? CATENA_TYPE_ANCHOR : 0) | (plan.isGuard ? CATENA_TYPE_GUARD : 0) | (plan.saysAgain ? CATENA_TYPE_AGAIN : 0)
        element.onFault = plan.isTakenOut ? .disable : .fail
        element.callSlot = plan.hasCallSlot ? 16 : 0
        let shift = plan.kind == .anchor && world.plan.runsModule ? LawModuleAnchor.slotSize : 0
        element.connSlot = plan.hasConnSlot ? ConnSlot.size + UInt32(shift) : 0
        element.values = [ScriptedElement.Value(
            key: "law.value", flags: CATENA_VALUE_PROVIDES | CATENA_VALUE_CONSUMES | CATENA_VALUE_OPTIONAL | CATENA_VALUE_KEPT)]
        if world.plan.fires {
            let isProvided = plan.kind == .anchor ? CATENA_VALUE_PROVIDES | CATENA_VALUE_KEPT : CATENA_VALUE_CONSUMES | CATENA_VALUE_OPTIONAL
            element.values.append(ScriptedElement.Value(key: CATENA_KEY_EXECUTOR, flags: isProvided))
        }
        if plan.kind == .connector { element.uses = [uses] }
        element.judge = LawElement(world, number: number, chain: chain, plan: plan)
        return element
    }

    private init(_ world: LawWorld, number: Int, chain: Int, plan: ElementPlan) {
        self.world = world
        self.number = number
        self.chain = chain
        self.plan = plan
        if plan.kind != .anchor {
            anchor = nil
        } else if world.plan.runsModule {
            anchor = LawModuleAnchor(world, number: number)
        } else {
            anchor = LawAnchor(world, number: number)
        }
        connector = plan.kind == .connector ? LawConnector(world, number: number) : nil
    }

    // MARK: Hooks

    func hook(
        _ hook: Hook, _ instance: ScriptedInstance, _ pointer: UnsafePointer<catena_hop>, _ below: UnsafePointer<catena_error>?
    ) -> catena_verdict {
        let hop = pointer.pointee
        return world.book.inside("e\(number).\(hook.rawValue)") {
            world.book.check(plan.kind != .inert, 3, "e\(number).\(hook.rawValue) is called, and an anchor in a client chain is inert")
            if hook == .cancel {
                cancelled(hop)
                return CATENA_NEXT
            }
            let key = key(of: hop)
            let hold = TicketWatch.Hold(
                key: key, element: number, hook: hook, conn: hop.conn, leg: hop.leg, reason: hop.reason, flags: hop.flags,
                failed: below != nil,
                isRefused: LawWorld.isRefused(below), instance: instance, hop: hop)
            look(hold, below)
            world.tickets.begin(hop.call, hold)
            let verdict = answer(hold, below)
            world.tickets.end(hop.call, verdict)
            return verdict
        }
    }

    /// An event that carries the last good message gets a key of its own at the anchor. A call that goes on with a new message,
    /// as somebody keeps the old one, is known by its tickets.
    private func key(of hop: catena_hop) -> UInt64 {
        if LawWorld.number(hop.message, LawWorld.keyField) == 0 {
            LawWorld.set(hop.message, LawWorld.keyField, world.cells[hop.call >> 40] ?? 0)
        }
        // The end of an incarnation bears the key of the last good call.
        if hop.reason == CATENA_REMOVED { world.nameRemoval(hop.message) }
        defer { world.cells[hop.call >> 40] = LawWorld.number(hop.message, LawWorld.keyField) }
        guard anchor != nil, hop.flags & CATENA_HOP_EVENT != 0, let slot = hop.call_slot else {
            return LawWorld.number(hop.message, LawWorld.keyField)
        }
        if slot.load(as: UInt64.self) == 0 { world.nameEvent(hop.message) }
        return LawWorld.number(hop.message, LawWorld.keyField)
    }

    private func look(_ hold: TicketWatch.Hold, _ below: UnsafePointer<catena_error>?) {
        let hop = hold.hop
        let value = hop.values == nil ? 0 : hold.instance.value(0, hop).pointee
        // What the anchor is shown before it has the turn may change until then.
        let hidden = anchor != nil && (hold.hook == .request || hold.hook == .close) ? CATENA_HOP_FIRST | CATENA_HOP_KNOWN : 0
        let step = Step(
            element: number, hook: hold.hook, below: below?.pointee.code ?? CATENA_OK, flags: hop.flags & ~hidden, reason: hop.reason,
            attempt: hop.attempt, mark: LawWorld.number(hop.message, LawWorld.markField), value: value)
        world.book.saw(hold.key, step, conn: hop.conn)
        // Time may run out between two hooks, when nobody is told but who set the limit.
        let isLate = !world.plan.isCalm && step.below == CATENA_DEADLINE_EXCEEDED
        if isLate || hop.flags & CATENA_HOP_CANCELLED != 0 { world.book.disturbed.insert(hold.key) }
        if anchor != nil, hold.hook == .requestReply || hold.hook == .closeReply { world.duties.leaveBelow(hold.key, hop.conn) }
        world.duties.enter(hold, loop: world.loop, failed: below != nil)
        let expectsSlot = plan.hasConnSlot && (hop.conn != 0)
        world.book.check((hop.conn_slot != nil) == expectsSlot, 4, "e\(number).\(hold.hook.rawValue) was shown \(hop.conn_slot == nil ? "no" : "a") connection slot")
        let isClosing = hold.hook == .close || hold.hook == .closeReply
        if world.plan.fires, isClosing, anchor == nil, hop.values != nil {
            let executor = (hop.values + hold.instance.offsets[1]).load(as: UnsafeRawPointer?.self)
            world.book.check(executor == nil, 6, "e\(number).\(hold.hook.rawValue) is offered an executor")
        }
        if let slot = hop.conn_slot { world.slots.touch(number, hop.conn, hop.leg, slot + world.slotShift(number), isAnchor: anchor != nil) }
        if let slot = hop.call_slot { world.slots.touchCall(number, hold.key, slot) }
    }

    private func answer(_ hold: TicketWatch.Hold, _ below: UnsafePointer<catena_error>?) -> catena_verdict {
        let hop = hold.hop
        let (place, decision) = world.decide(hold.key, number, hold.hook, failed: below != nil, attempt: hop.attempt)
        if let value = decision.value, hop.values != nil { hold.instance.value(0, hop).pointee = value }
        if let mark = decision.mark, !decision.writesLate { LawWorld.set(hop.message, LawWorld.markField, mark) }
        if let act = decision.act { perform(act, hold, place) }
        if decision.prank == .stale { world.tickets.prank(number, but: hop.call) }
        if let anchor {
            world.below = below
            return anchor.answer(hold, place, decision)
        }
        if let connector, let verdict = connector.answer(hold, place, decision) { return verdict }
        return say(decision, hold)
    }

    /// Gives the script's answer at the script's time.
    private func say(_ decision: Decision, _ hold: TicketWatch.Hold) -> catena_verdict {
        if plan.isTakenOut, decision.breaksRule { world.takeOut(hold, isHeard: decision.timing == .now) }
        let ticket = hold.hop.call
        let world = world
        switch decision.timing {
        case .now:
            if decision.prank == .both {
                world.tickets.spoil(ticket)
                world.tickets.resume(ticket, .done, counts: false)
            }
            if decision.prank == .twice {
                world.later(decision.dice % 3, place: -1) { world.tickets.resume(ticket, .fail(CATENA_INTERNAL)) }
            }
            if case .fail(let code) = decision.answer {
                let host = hold.instance.host
                ScriptedInstance.withError(code, "scripted") { host.pointee.set_error(host, ticket, $0) }
            }
            return decision.answer.verdict
        case .never:
            world.tickets.forsake(ticket)
            world.duties.forsaken(hold)
        case .inside:
            if decision.isAnsweredTwice { world.tickets.spoil(ticket) }
            world.tickets.resume(ticket, decision.answer)
            if decision.prank == .twice { world.tickets.resume(ticket, .fail(CATENA_INTERNAL)) }
        case .later(let delay, let place):
            let instance = hold.instance
            world.later(delay, place: place) {
                if decision.writesLate, let mark = decision.mark, world.tickets.isPending(ticket) {
                    LawWorld.set(instance.calls.message(instance.host, ticket), LawWorld.markField, mark)
                }
                // Who was cancelled may have answered already.
                guard world.tickets.isPending(ticket) else { return _ = world.tickets.resume(ticket, decision.answer) }
                if decision.isAnsweredTwice { world.tickets.spoil(ticket) }
                world.tickets.resume(ticket, decision.answer)
                if decision.prank == .twice { world.tickets.resume(ticket, .fail(CATENA_INTERNAL)) }
            }
        }
        return CATENA_PENDING
    }

    /// The answer is not waited for any more: some resume at once, others when they would have.
    private func cancelled(_ hop: catena_hop) {
        guard let hold = world.tickets.hold(hop.call) else {
            return world.book.violate(5, "e\(number).cancel with a ticket that nobody was given")
        }
        world.book.add(.met(.cancel))
        world.book.note("call \(hold.key) e\(number).cancel of \(hold.hook.rawValue)")
        world.book.disturbed.insert(hold.key)
        world.book.check(world.tickets.isPending(hop.call), 5, "e\(number).cancel for a hook that was answered")
        world.book.check(world.tickets.cancel(hop.call), 5, "e\(number).cancel twice for one hook")
        if let anchor { return anchor.cancelled(hold) }
        guard connector == nil, world.tickets.isPending(hop.call), !world.tickets.forsaken.contains(hop.call) else { return }
        switch SplitMix64.hash(world.plan.seed, hop.call) % 4 {
        case 0: world.tickets.resume(hop.call, .next)
        case 1: world.tickets.resume(hop.call, .fail(CATENA_CANCELLED))
        default: break
        }
    }

    // MARK: Last touches

    func callDropped(_ instance: ScriptedInstance, _ slot: UnsafeMutableRawPointer?) {
        world.book.inside("e\(number).call_dropped") {
            guard let slot else { return world.book.violate(4, "e\(number).call_dropped without a slot") }
            world.slots.dropCall(number, slot)
        }
    }

    func connDropped(_ instance: ScriptedInstance, _ conn: catena_conn, _ slot: UnsafeMutableRawPointer?, _ reason: catena_reason) {
        world.book.inside("e\(number).conn_dropped") {
            guard let slot else { return world.book.violate(4, "e\(number).conn_dropped without a slot") }
            world.book.add(.dropped(number, conn, reason))
            anchor?.dropped(slot, conn, reason)
            let leg = world.slots.drop(number, conn, slot + world.slotShift(number), isAnchor: anchor != nil)
            guard anchor == nil else { return }
            if let leg, leg != 0 { world.endedLegs.insert(leg) }
            world.checkLoop(conn, "e\(number).conn_dropped")
            if chain == 0 || leg != nil { world.operations.dropped(conn, leg: leg ?? 0) }
            world.duties.dropped(number, conn, leg: leg, reason)
            for hold in world.tickets.outstanding where chain == 0 ? hold.conn == conn && hold.leg == 0 && !world.isAnchor(hold.element) : leg != nil && hold.leg == leg {
                world.book.violate(4, "e\(number) drops its slot of conn \(conn) while e\(hold.element).\(hold.hook.rawValue) is PENDING")
            }
        }
    }
}
