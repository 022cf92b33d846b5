// SPDX-License-Identifier: Apache-2.0
// What an element gets when it asks its host for a service. The tables are made once and shared by all instances: each function
// is told by the host table it is called with who is asking.

internal import CatenaABI
internal import Glibc

/// The services this host offers.
enum ServiceTable {
    /// In the order in which catena.h declares them.
    static let ids = [
        "log/1", "call/1", "message/1", "connection/1", "timer/1", "client/1", "chain/1", "anchor/1", "watch/1", "monitor/1",
    ]

    /// Gives every instance its host table.
    static func connect(_ instances: [Instance]) {
        for instance in instances { HostTable.fill(instance.host) }
    }

    static func find(_ id: UnsafePointer<CChar>, engine: Engine) -> UnsafeRawPointer? {
        switch String(cString: id) {
        case "log/1": UnsafeRawPointer(log)
        case "call/1": UnsafeRawPointer(call)
        case "message/1": UnsafeRawPointer(engine.messages)
        case "connection/1": UnsafeRawPointer(connection)
        case "timer/1": UnsafeRawPointer(timer)
        case "client/1": UnsafeRawPointer(client)
        case "chain/1": UnsafeRawPointer(chain)
        case "anchor/1": UnsafeRawPointer(anchor)
        case "watch/1": UnsafeRawPointer(watch)
        case "monitor/1": UnsafeRawPointer(monitor)
        default: nil
        }
    }

    // Immutable from their making on, and never freed: elements keep pointers to them.
    nonisolated(unsafe) private static let log = immortal(LogService.table)
    nonisolated(unsafe) private static let call = immortal(CallService.table)
    nonisolated(unsafe) private static let connection = immortal(ConnectionService.table)
    nonisolated(unsafe) private static let timer = immortal(TimerService.table)
    nonisolated(unsafe) private static let client = immortal(ClientService.table)
    nonisolated(unsafe) private static let chain = immortal(ChainService.table)
    nonisolated(unsafe) private static let anchor = immortal(AnchorService.table)
    nonisolated(unsafe) private static let watch = immortal(WatchService.table)
    nonisolated(unsafe) private static let monitor = immortal(MonitorService.table)

    private static func immortal<Table>(_ table: Table) -> UnsafePointer<Table> {
        let memory = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        memory.initialize(to: table)
        return UnsafePointer(memory)
    }
}

/// The functions of catena_host itself.
enum HostTable {
    static var empty: catena_host { catena_host() }

    static func fill(_ table: UnsafeMutablePointer<catena_host>) {
        table.pointee.struct_size = UInt32(MemoryLayout<catena_host>.size)
        table.pointee.abi_minor = UInt32(CATENA_ABI_MINOR)
        table.pointee.service = { host, id in
            guard let instance = Instance.of(host), let id else { return nil }
            return ServiceTable.find(id, engine: instance.engine)
        }
        table.pointee.resume = { host, ticket, verdict, error in
            Instance.with(host) { instance in
                let copied = error.map { CallError(copying: $0, defaultOrigin: instance.path) }
                return HostTable.resume(instance, ticket, verdict, verdict == CATENA_FAIL ? copied : nil)
            } ?? CATENA_MISUSE
        }
        table.pointee.set_error = { host, ticket, error in
            guard let instance = Instance.of(host), let error else { return }
            guard let call = instance.engine.calls.find(ticket), call.holds(ticket, instance) else {
                return instance.engine.misbehaved(instance, "set an error on a hook that is over, or not its own")
            }
            call.giveError(CallError(copying: error, defaultOrigin: instance.path))
        }
        table.pointee.alloc = { host, ticket, size in
            guard let instance = Instance.of(host), let call = instance.engine.calls.find(ticket), call.holds(ticket, instance) else {
                return nil
            }
            return call.arena.allocate(size)
        }
    }

    private static func resume(_ instance: Instance, _ ticket: UInt64, _ verdict: catena_verdict, _ error: CallError?) -> catena_status {
        instance.withEngine { engine in
            let status = engine.calls.with(ticket) { call in
                switch call.resume(ticket, verdict, error, by: instance) {
                case .accepted: return CATENA_OK
                case .gone, .twice: engine.broke(instance, .resumedTwice)
                case .stranger: engine.misbehaved(instance, .resumedAnother)
                case .owed(let owed): engine.settled(owed, of: call)
                }
                return CATENA_GONE
            }
            if status == nil { engine.misbehaved(instance, .resumedNothing) }
            return status ?? CATENA_GONE
        }
    }
}
