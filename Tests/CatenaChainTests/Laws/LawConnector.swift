// SPDX-License-Identifier: Apache-2.0
// A connector of a case: what connect does with legs, and no more. The first Request opens a leg, a Close goes over it and drops
// it; now and then the leg gets another transport, or a failed leg is dropped at once.

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
            if slot.pointee.own == 0 {
                slot.pointee.own = hold.instance.chains.open(hold.instance.host, hold.conn, 0, acquire(hold.instance, decision.dice))
            } else if decision.dice % 4 == 0 {
                world.book.add(.met(.rebind))
                let status = hold.instance.chains.rebind(hold.instance.host, slot.pointee.own, acquire(hold.instance, decision.dice))
                world.book.check(status == CATENA_OK, 6, "rebind said \(Name.of(status: status))")
            }
            return call(hold, place, .request, slot, dropsFailed: decision.dice % 3 == 0)
        case .close:
            guard slot.pointee.own != 0 else { return nil }
            return call(hold, place, .close, slot, dropsFailed: true)
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
        _ hold: TicketWatch.Hold, _ place: Place, _ verb: Verb, _ slot: UnsafeMutablePointer<ConnSlot>, dropsFailed: Bool
    ) -> catena_verdict {
        let (instance, ticket, leg) = (hold.instance, hold.hop.call, slot.pointee.own)
        let key = Script.child(of: place)
        let operation = LawOperation(.client, number, conn: hold.conn, leg: leg, key: key, world: world) { [world] error, reply in
            world.book.answered(key, error?.pointee.code ?? CATENA_OK, "")
            if let reply, verb == .request {
                _ = instance.messages.assign(instance.calls.message(instance.host, ticket), reply, CATENA_F_CONNECTION)
            }
            let isRefused = LawWorld.isRefused(error)
            if isRefused { world.book.add(.met(.refused)) }
            let isOver = verb == .close ? !isRefused : error != nil && dropsFailed && hold.flags & CATENA_HOP_FIRST != 0
            if isOver {
                slot.pointee.own = 0
                let status = instance.chains.drop(instance.host, leg, hold.reason)
                world.book.note("e\(place.element) drops leg \(leg): \(Name.of(status: status))")
            }
            world.tickets.resume(ticket, error.map { .fail($0.pointee.code) } ?? .next)
        }
        var what = catena_leg_call()
        what.struct_size = UInt32(MemoryLayout<catena_leg_call>.size)
        what.verb = verb.rawValue
        what.reason = hold.reason
        what.message = instance.messages.clone(hold.hop.message)
        what.parent = ticket
        LawWorld.set(what.message, LawWorld.keyField, key)
        world.children[key] = hold.key
        operation.number = instance.chains.call(instance.host, leg, &what, LawOperation.done, operation.pointer)
        world.book.note("e\(number) begins a \(verb) over leg \(leg)\(operation.number == 0 ? ": gone" : "")")
        guard operation.number != 0 else {
            world.book.violate(6, "a call over leg \(leg), which is there, was refused")
            return CATENA_FAIL
        }
        world.operations.add(operation)
        return CATENA_PENDING
    }
}
