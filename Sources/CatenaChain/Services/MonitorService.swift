// SPDX-License-Identifier: Apache-2.0
// "monitor/1": one element of a served chain says what others may see of the chain's connections.

internal import CatenaABI

enum MonitorService {
    static let table = catena_monitor_api(
        struct_size: UInt32(MemoryLayout<catena_monitor_api>.size), reserved: 0,
        serve: { host, queue in
            guard let instance = Instance.of(host) else { return CATENA_MISUSE }
            guard !instance.isCreated else {
                instance.engine.misbehaved(instance, "offered the monitor of its chain after it was created")
                return CATENA_MISUSE
            }
            guard instance.chain.role == .served, instance.chain.monitor == nil else { return CATENA_FAILED_PRECONDITION }
            instance.chain.monitor = MonitorFeed(server: instance.number, queue: queue)
            return CATENA_OK
        },
        publish: { host, number, event, message in
            Instance.with(host) { publish($0, number, event, message) } ?? CATENA_MISUSE
        })

    private static func publish(_ instance: Instance, _ number: UInt64, _ event: UInt32, _ message: OpaquePointer?) -> catena_status {
        let engine = instance.engine
        guard let feed = instance.chain.monitor, feed.server == instance.number else {
            engine.misbehaved(instance, "published a connection of a chain whose monitor it does not serve")
            return CATENA_MISUSE
        }
        guard let message, event == CATENA_MONITOR_UPDATE || event == CATENA_MONITOR_DELETE else {
            engine.misbehaved(instance, message == nil ? "published a connection without a message" : "published the event \(event)")
            return CATENA_MISUSE
        }
        guard let connection = engine.connectionIndex.find(number), connection.chain === instance.chain else { return CATENA_GONE }
        // Elsewhere the incarnation could end between here and there, and its news would stay.
        guard connection.home.loop.isCurrent else {
            engine.misbehaved(instance, "published a connection outside of its loop")
            return CATENA_MISUSE
        }
        if event == CATENA_MONITOR_UPDATE { feed.update(connection, message) } else { feed.delete(connection, message) }
        return CATENA_OK
    }
}
