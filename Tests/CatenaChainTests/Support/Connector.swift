// SPDX-License-Identifier: Apache-2.0
// The client side as small as it can be: the first Request opens a leg, a Close goes over it and drops it. Its slot holds the
// leg's number.

import CatenaABI

@testable import CatenaChain

extension ScriptedElement {
    /// An element that takes calls on to the next hop through the chain "client".
    static func connector(_ name: String = "c", url: String = "tcp://next") -> ScriptedElement {
        let element = ScriptedElement(
            name, hooks: [.request, .close],
            [
                .request: [.run { instance, hop in Connector.request(instance, hop, url) }],
                .close: [.run { instance, hop in Connector.close(instance, hop) }],
            ])
        element.connSlot = 16
        element.uses = ["client"]
        return element
    }
}

enum Connector {
    /// What waits for a leg's call.
    private final class Waiting {
        let instance: ScriptedInstance
        let ticket: catena_call
        let leg: catena_leg
        init(_ instance: ScriptedInstance, _ ticket: catena_call, _ leg: catena_leg) {
            self.instance = instance
            self.ticket = ticket
            self.leg = leg
        }
    }

    static func acquire(_ instance: ScriptedInstance, _ url: String) -> catena_transport {
        var transport: catena_transport = 0
        _ = catena_str.with(url) { instance.clients.acquire(instance.host, $0, nil, &transport) }
        return transport
    }

    static func request(_ instance: ScriptedInstance, _ hop: catena_hop, _ url: String) -> Act {
        guard let slot = hop.conn_slot?.assumingMemoryBound(to: catena_leg.self) else { return .fail(CATENA_INTERNAL, "no slot") }
        if slot.pointee == 0 { slot.pointee = instance.chains.open(instance.host, hop.conn, 0, acquire(instance, url)) }
        return call(instance, hop, .request, slot.pointee)
    }

    static func close(_ instance: ScriptedInstance, _ hop: catena_hop) -> Act {
        guard let slot = hop.conn_slot?.assumingMemoryBound(to: catena_leg.self), slot.pointee != 0 else { return .next }
        defer { slot.pointee = 0 }
        return call(instance, hop, .close, slot.pointee)
    }

    /// Sends a clone of the hop's message over the leg, and answers the hook as the leg's call ends.
    static func call(_ instance: ScriptedInstance, _ hop: catena_hop, _ verb: Verb, _ leg: catena_leg) -> Act {
        let waiting = Unmanaged.passRetained(Waiting(instance, hop.call, leg))
        let operation = begin(instance, verb, leg, message: instance.messages.clone(hop.message), parent: hop.call, waiting.toOpaque()) { argument, _, error, reply in
            guard let argument else { return }
            let waiting = Unmanaged<Waiting>.fromOpaque(argument).takeRetainedValue()
            let instance = waiting.instance
            if let own = instance.calls.message(instance.host, waiting.ticket), let reply {
                _ = instance.messages.assign(own, reply, CATENA_F_CONNECTION)
            }
            _ = instance.host.pointee.resume(instance.host, waiting.ticket, error == nil ? CATENA_NEXT : CATENA_FAIL, error)
        }
        guard operation != 0 else {
            waiting.release()
            return .fail(CATENA_INTERNAL, "no leg")
        }
        if verb == .close { _ = instance.chains.drop(instance.host, leg, hop.reason) }
        return .queued
    }

    @discardableResult
    static func begin(
        _ instance: ScriptedInstance, _ verb: Verb, _ leg: catena_leg, message: OpaquePointer?, parent: catena_call = 0,
        _ argument: UnsafeMutableRawPointer?, deadline: UInt64 = 0, _ done: @escaping catena_done
    ) -> catena_op {
        var what = catena_leg_call()
        what.struct_size = UInt32(MemoryLayout<catena_leg_call>.size)
        what.verb = verb.rawValue
        what.message = message
        what.parent = parent
        what.deadline_ns = deadline
        return instance.chains.call(instance.host, leg, &what, done, argument)
    }
}
