// SPDX-License-Identifier: Apache-2.0
// One instance of the element under test. It hands the element a host table of its own, with the engine's functions behind
// it, so that resumes, errors and timers are seen on their way.
internal import CatenaABI
internal import CatenaElement

final class WatchedInstance {
    let type: WatchedType
    /// The element's own self.
    var me: UnsafeMutableRawPointer?
    let path: String
    private let table: UnsafeMutablePointer<WatchedHost>
    /// The error of the hook that runs, if it gave one.
    private var errors: [UInt64: ElementError] = [:]

    init(_ type: WatchedType, host: UnsafePointer<catena_host>, path: String) {
        self.type = type
        self.path = path
        table = .allocate(capacity: 1)
        var own = host.pointee
        own.service = { host, id in
            guard let watched = WatchedHost.at(host), let id else { return nil }
            guard let found = watched.real.pointee.service(watched.real, id) else { return nil }
            return switch String(cString: id) {
            case "timer/1": UnsafeRawPointer(WatchedTimers.table)
            case "message/1": UnsafeRawPointer(MessageLedger.elementTable)
            default: found
            }
        }
        own.resume = { host, ticket, verdict, error in
            guard let watched = WatchedHost.at(host) else { return CATENA_MISUSE }
            let answer = HookAnswer(verdict, error.map { ElementError(copying: $0) })
            let status = watched.real.pointee.resume(watched.real, ticket, verdict, error)
            if status == CATENA_OK { watched.type.takeUnretainedValue().record.resumed(ticket, answer) }
            return status
        }
        own.set_error = { host, ticket, error in
            guard let watched = WatchedHost.at(host) else { return }
            if let error { watched.instance.takeUnretainedValue().errors[ticket] = ElementError(copying: error) }
            watched.real.pointee.set_error(watched.real, ticket, error)
        }
        table.initialize(
            to: WatchedHost(own: own, real: host, type: Unmanaged.passUnretained(type), instance: Unmanaged.passUnretained(self)))
    }

    deinit { table.deallocate() }

    /// The element's own host.
    var host: UnsafePointer<catena_host> { UnsafeRawPointer(table).assumingMemoryBound(to: catena_host.self) }

    /// What the engine has as self; it is there from create to destroy.
    static func at(_ me: UnsafeMutableRawPointer?) -> WatchedInstance {
        guard let me else { preconditionFailure("the engine called a hook of an instance that it did not make") }
        return Unmanaged<WatchedInstance>.fromOpaque(me).takeUnretainedValue()
    }

    func run(
        _ hook: HookName, _ hop: UnsafePointer<catena_hop>?, _ below: UnsafePointer<catena_error>?,
        _ call: (catena_type, UnsafeMutableRawPointer?) -> catena_verdict?
    ) -> catena_verdict {
        guard let hop else { return CATENA_NEXT }
        let ticket = hop.pointee.call
        see(hop.pointee)
        let number = type.record.add(Sight(type.name, path, hook, hop.pointee, below: below))
        let verdict = call(type.original.pointee, me)
        guard let verdict else { return CATENA_NEXT }
        type.record.answered(number, HookAnswer(verdict, errors.removeValue(forKey: ticket)))
        return verdict
    }

    private func see(_ hop: catena_hop) {
        if type.original.pointee.call_slot_size > 0, let slot = hop.call_slot { type.record.slotSeen(self.slot(slot, isConnection: false)) }
        if type.original.pointee.conn_slot_size > 0, let slot = hop.conn_slot { type.record.slotSeen(self.slot(slot, isConnection: true)) }
    }

    func callDropped(_ slot: UnsafeMutableRawPointer?) {
        type.original.pointee.call_dropped?(me, slot)
        if let slot { type.record.slotDropped(self.slot(slot, isConnection: false)) }
    }

    func connectionDropped(_ connection: UInt64, _ slot: UnsafeMutableRawPointer?, _ why: catena_reason) {
        if type.original.pointee.conn_dropped != nil {
            _ = type.record.add(Sight(dropped: type.name, path, connection: connection, reason: why))
        }
        type.original.pointee.conn_dropped?(me, connection, slot, why)
        if let slot { type.record.slotDropped(self.slot(slot, isConnection: true)) }
    }

    private func slot(_ memory: UnsafeMutableRawPointer, isConnection: Bool) -> BenchRecord.Slot {
        BenchRecord.Slot(path: path, isConnection: isConnection, address: UInt(bitPattern: memory))
    }
}

/// The element's host table, and behind it the way back to the engine's.
struct WatchedHost {
    /// First, so that the pointer the element has is a pointer to this.
    var own: catena_host
    let real: UnsafePointer<catena_host>
    let type: Unmanaged<WatchedType>
    let instance: Unmanaged<WatchedInstance>

    static func at(_ host: UnsafePointer<catena_host>?) -> WatchedHost? {
        host.map { UnsafeRawPointer($0).assumingMemoryBound(to: WatchedHost.self).pointee }
    }
}
