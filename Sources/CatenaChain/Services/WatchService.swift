// SPDX-License-Identifier: Apache-2.0
// "watch/1": what the next hop says by itself. Elements name a leg; which stream tells of it is found here, as the leg's transport
// and what they ask for say.

internal import CatenaABI

enum WatchService {
    static let table = catena_watch_api(
        struct_size: UInt32(MemoryLayout<catena_watch_api>.size), reserved: 0,
        connection: { host, number, leg, mine, function, argument in
            guard let mine, let function, let instance = Instance.of(host) else { return 0 }
            let subject = WatchSubject.connections(segment: String(mine.pointee.name), id: nil)
            return begin(instance, number, leg, subject, key: String(mine.pointee.id), function, argument)
        },
        health: { host, number, leg, service, function, argument in
            guard let function, let instance = Instance.of(host) else { return 0 }
            return begin(instance, number, leg, .health(service: String(service)), key: "", function, argument)
        },
        stop: { host, number in
            guard let operation = Instance.of(host)?.engine.operations.find(number) else { return false }
            return operation.withdraw()
        })

    private static func begin(
        _ instance: Instance, _ number: UInt64, _ leg: UInt64, _ subject: WatchSubject, key: String, _ function: @escaping catena_watch_fn,
        _ argument: UnsafeMutableRawPointer?
    ) -> UInt64 {
        let engine = instance.engine
        guard let connection = engine.connectionIndex.find(number), !engine.isStopping else { return 0 }
        guard connection.home.loop.isCurrent else {
            engine.misbehaved(instance, "began a watch away from the loop of its connection")
            return 0
        }
        guard leg == 0 || connection.legs.contains(where: { $0.number == leg && $0.isLive }) else { return 0 }
        let operation = Operation(
            of: connection, number, instance: instance, leg: leg, completion: .watch(function), argument: argument,
            table: engine.operations)
        guard engine.operations.add(operation, while: engine.connectionIndex) else { return 0 }
        connection.add(Watch(operation, subject, key: key))
        return operation.number
    }
}
