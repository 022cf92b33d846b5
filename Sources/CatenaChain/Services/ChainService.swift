// SPDX-License-Identifier: Apache-2.0
// "chain/1": the client side of a connection. A leg is opened through a client chain that the element named in its config, and
// calls go over it one after another.

internal import CatenaABI

enum ChainService {
    static let table = catena_chain_api(
        struct_size: UInt32(MemoryLayout<catena_chain_api>.size), reserved: 0,
        open: { host, number, use, transport in
            guard let instance = Instance.of(host) else { return 0 }
            return open(instance, number, Int(use), transport)
        },
        call: { host, number, what, done, argument in
            Instance.with(host) { instance in
                instance.withEngine { engine in what.map { call(engine, instance, number, $0.pointee, done, argument) } }
            } ?? 0
        },
        drop: { host, number, reason in
            guard let leg = leg(host, number), leg.isLive else { return CATENA_GONE }
            leg.drop(reason)
            return CATENA_OK
        },
        transport: { host, number in
            Instance.with(host) { $0.withEngine { $0.withLeg(number) { $0.transport.number } } } ?? 0
        },
        rebind: { host, number, transport in
            guard let instance = Instance.of(host) else { return CATENA_MISUSE }
            guard let reference = instance.engine.transports.find(transport), reference.take() else {
                instance.engine.misbehaved(instance, "gave a transport away that it does not hold")
                return CATENA_MISUSE
            }
            guard let leg = leg(host, number), leg.isLive else {
                reference.release()
                return CATENA_GONE
            }
            leg.rebind(reference)
            return CATENA_OK
        })

    private static func leg(_ host: UnsafePointer<catena_host>?, _ number: UInt64) -> Leg? {
        Instance.of(host)?.engine.home(ofLeg: number).leg(number)
    }

    private static func open(_ instance: Instance, _ number: UInt64, _ use: Int, _ transport: UInt64) -> UInt64 {
        let engine = instance.engine
        guard let reference = engine.transports.find(transport), reference.take() else {
            engine.misbehaved(instance, "opened a leg over a transport that it does not hold")
            return 0
        }
        guard instance.uses.indices.contains(use), let connection = engine.connectionIndex.find(number) else {
            if !instance.uses.indices.contains(use) { engine.misbehaved(instance, "opened a leg through chain number \(use), which it does not use") }
            reference.release()
            return 0
        }
        guard let leg = Leg(connection: connection, chain: instance.uses[use], transport: reference) else {
            reference.release()
            return 0
        }
        return leg.number
    }

    private static func call(
        _ engine: Engine, _ instance: Instance, _ number: UInt64, _ what: catena_leg_call, _ done: catena_done?,
        _ argument: UnsafeMutableRawPointer?
    ) -> UInt64 {
        guard let given = what.message else {
            engine.misbehaved(instance, "began a client call without a message")
            return 0
        }
        let operation = engine.withLeg(number) { leg in
            let message = OwnedMessage(takingOver: given, api: engine.messages)
            return call(engine, instance, leg, what, message, done, argument) ?? 0
        }
        // Without a leg nobody has taken it.
        if operation == nil { engine.messages.pointee.release(given) }
        return operation ?? 0
    }

    private static func call(
        _ engine: Engine, _ instance: Instance, _ leg: Leg, _ what: catena_leg_call, _ message: consuming OwnedMessage,
        _ done: catena_done?, _ argument: UnsafeMutableRawPointer?
    ) -> UInt64? {
        guard let verb = Verb(rawValue: what.verb), leg.isLive else { return nil }
        let parent = engine.calls.find(what.parent).flatMap { $0.holds(what.parent, instance) ? $0 : nil }
        guard parent != nil || what.parent == 0 else {
            engine.misbehaved(instance, "began a client call for a hook that is over, or not its own")
            return nil
        }
        guard parent != nil || !engine.isStopping else { return nil }
        let operation = leg.connection.home.spareOperations.take(over: leg, by: instance, .call(done), argument)
        // A leg that lives is one of an incarnation that lives, and this is the loop where it would end.
        guard engine.operations.add(operation, while: nil) else { return nil }
        engine.beginClient(
            verb, over: leg, message: message, reason: what.reason, deadline: what.deadline_ns, parent: parent, operation: operation)
        return operation.number
    }
}
