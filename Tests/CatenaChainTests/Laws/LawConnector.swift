// SPDX-License-Identifier: Apache-2.0
// A connector of a case: what connect does with legs, and no more. The first Request opens a leg, a Close goes over it and drops
// it; now and then the leg gets another transport, the connection moves to another leg, or a failed leg is dropped at once.

import CatenaABI

@testable import CatenaChain

/// The hooks of a connector.
final class LawConnector {
    private unowned let world: LawWorld
    private let number: Int

    init(_ world: LawWorld, number: Int) {
        self.world = world
        self.number = number
    }

    /// - Returns: nil if the script's answer is the element's.
    func answer(_ hold: TicketWatch.Hold, _ place: Place, _ decision: Decision) -> catena_verdict? {
        guard let slot = hold.hop.conn_slot?.assumingMemoryBound(to: ConnSlot.self) else { return nil }
        switch hold.hook {
        case .request:
            if slot.pointee.own != 0, hold.leg == 0, LawConnector.moves(decision) { return move(hold, place, decision, slot) }
            if slot.pointee.own == 0 {
                slot.pointee.own = hold.instance.chains.open(hold.instance.host, hold.conn, 0, acquire(hold.instance, decision.dice))
            } else if decision.dice % 4 == 0 {
                world.book.add(.met(.rebind))
                let status = hold.instance.chains.rebind(hold.instance.host, slot.pointee.own, acquire(hold.instance, decision.dice))
                world.book.check(status == CATENA_OK, 6, "rebind said \(Name.of(status: status))")
            }
            return call(hold, place, .request, slot, decision)
        case .close:
            guard slot.pointee.own != 0 else { return nil }
            return call(hold, place, .close, slot, decision)
        default: return nil
        }
    }

    private func acquire(_ instance: ScriptedInstance, _ dice: UInt64) -> catena_transport {
        var transport: catena_transport = 0
        let status = catena_str.with("tcp://\(dice % 2)") { instance.clients.acquire(instance.host, $0, nil, &transport) }
        world.book.check(status == CATENA_OK, 6, "acquire said \(Name.of(status: status))")
        return transport
    }

    /// Takes the call on over the leg; the hook is answered when that has ended.
    private func call(
        _ hold: TicketWatch.Hold, _ place: Place, _ verb: Verb, _ slot: UnsafeMutablePointer<ConnSlot>, _ decision: Decision
    ) -> catena_verdict {
        let leg = slot.pointee.own
        return begin(hold, place, verb, leg) { [self] error in
            let isRefused = LawWorld.isRefused(error)
            if isRefused { world.book.add(.met(.refused)) }
            if verb == .request, error == nil, hold.leg == 0, LawConnector.repeats(decision) { aside(hold, Script.child(of: place, 4), .request, leg, CATENA_EVENT) }
            let isOver = verb == .close ? !isRefused : error != nil && decision.dice % 3 == 0 && hold.flags & CATENA_HOP_FIRST != 0
            guard isOver else { return }
            slot.pointee.own = 0
            drop(hold, leg, hold.reason)
        }
    }

    // MARK: More calls than one

    /// The leg's next call finds another one before it.
    static func repeats(_ decision: Decision) -> Bool { decision.dice % 7 == 2 }

    static func moves(_ decision: Decision) -> Bool { decision.dice % 5 == 2 }

    /// A second leg is requested; once it is there the first one is closed, and nobody waits for that.
    private func move(
        _ hold: TicketWatch.Hold, _ place: Place, _ decision: Decision, _ slot: UnsafeMutablePointer<ConnSlot>
    ) -> catena_verdict {
        let instance = hold.instance
        let (old, new) = (slot.pointee.own, instance.chains.open(instance.host, hold.conn, 0, acquire(instance, decision.dice)))
        world.book.add(.met(.moved))
        return begin(hold, place, .request, new) { [self] error in
            guard error == nil else { return drop(hold, new, hold.reason) }
            slot.pointee.own = new
            aside(hold, Script.child(of: place, 3), .close, old, CATENA_MOVED_URL)
            drop(hold, old, CATENA_MOVED_URL)
        }
    }

    /// A call that nobody waits for.
    private func aside(_ hold: TicketWatch.Hold, _ key: UInt64, _ verb: Verb, _ leg: catena_leg, _ reason: catena_reason) {
        let instance = hold.instance
        world.aside[key] = hold.key
        world.duties.hasAside.insert(hold.conn)
        let operation = LawOperation(.client, number, conn: hold.conn, leg: leg, key: key, world: world) { [world] error, _ in
            world.book.answered(key, error?.pointee.code ?? CATENA_OK, "")
        }
        let message = instance.messages.clone(instance.calls.message(instance.host, hold.hop.call))
        start(operation, instance, verb, leg, message, reason, parent: 0, of: key)
    }

    // MARK: Calls over legs

    /// - Parameter ended: the call has ended; the hook is answered after this.
    private func begin(
        _ hold: TicketWatch.Hold, _ place: Place, _ verb: Verb, _ leg: catena_leg, _ ended: @escaping (UnsafePointer<catena_error>?) -> Void
    ) -> catena_verdict {
        let (instance, ticket) = (hold.instance, hold.hop.call)
        let key = Script.child(of: place)
        let operation = LawOperation(.client, number, conn: hold.conn, leg: leg, key: key, world: world) { [world] error, reply in
            world.book.answered(key, error?.pointee.code ?? CATENA_OK, "")
            if let reply, verb == .request {
                _ = instance.messages.assign(instance.calls.message(instance.host, ticket), reply, CATENA_F_CONNECTION)
            }
            ended(error)
            world.tickets.resume(ticket, error.map { .fail($0.pointee.code) } ?? .next)
        }
        world.children[key] = hold.key
        return start(operation, instance, verb, leg, instance.messages.clone(hold.hop.message), hold.reason, parent: ticket, of: hold.key)
    }

    @discardableResult
    private func start(
        _ operation: LawOperation, _ instance: ScriptedInstance, _ verb: Verb, _ leg: catena_leg, _ message: OpaquePointer?,
        _ reason: catena_reason, parent: catena_call, of holder: UInt64
    ) -> catena_verdict {
        var what = catena_leg_call()
        what.struct_size = UInt32(MemoryLayout<catena_leg_call>.size)
        what.verb = verb.rawValue
        what.reason = reason
        what.message = message
        what.parent = parent
        LawWorld.set(message, LawWorld.keyField, operation.key)
        operation.number = instance.chains.call(instance.host, leg, &what, LawOperation.done, operation.pointer)
        world.book.note("e\(number) begins a \(verb) over leg \(leg)\(operation.number == 0 ? ": gone" : "")")
        guard operation.number != 0 else {
            let isExcused = LawSwitches.standard.innerLegsEndFirst && world.duties.hasEnded(operation.conn)
            world.book.check(isExcused, 6, "a call over leg \(leg), which is there, was refused")
            world.book.disturbed.formUnion([operation.key, holder])
            return CATENA_FAIL
        }
        world.operations.add(operation)
        return CATENA_PENDING
    }

    private func drop(_ hold: TicketWatch.Hold, _ leg: catena_leg, _ reason: catena_reason) {
        let status = hold.instance.chains.drop(hold.instance.host, leg, reason)
        world.book.note("e\(number) drops leg \(leg): \(Name.of(status: status))")
    }
}
