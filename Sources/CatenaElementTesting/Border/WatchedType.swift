// SPDX-License-Identifier: Apache-2.0
// The element under test, seen from between it and the engine: its own table with each function replaced by one that writes
// down the call and then makes it. A function that the element lacks stays absent, so that the engine runs it as it would alone.
internal import CatenaABI
internal import CatenaElement

/// The C table that stands in for an element's own.
///
/// Unchecked: written in init; what changes is behind a lock of its own.
final class WatchedType: @unchecked Sendable {
    let original: UnsafePointer<catena_type>
    /// The instance's name in its chain.
    let name: String
    let record: BenchRecord
    /// Timers that its instances have armed.
    let timers: WatchedTimers
    private let table: UnsafeMutablePointer<catena_type>

    init(_ original: UnsafePointer<catena_type>, name: String, record: BenchRecord) {
        self.original = original
        self.name = name
        self.record = record
        timers = WatchedTimers()
        table = .allocate(capacity: 1)
        table.initialize(to: original.pointee)
        table.pointee.ctx = Unmanaged.passUnretained(self).toOpaque()
        fillLife(&table.pointee)
        fillHooks(&table.pointee)
    }

    deinit { table.deallocate() }

    /// As long as this object.
    var pointer: UnsafePointer<catena_type> { UnsafePointer(table) }

    private static func at(_ context: UnsafeMutableRawPointer) -> WatchedType {
        Unmanaged<WatchedType>.fromOpaque(context).takeUnretainedValue()
    }

    private func fillLife(_ type: inout catena_type) {
        let own = original.pointee
        if own.validate != nil {
            type.validate = { context, config, sink in
                guard let own = context.map({ WatchedType.at($0).original.pointee }) else { return }
                own.validate?(own.ctx, config, sink)
            }
        }
        type.create = { context, host, path, config, offsets, me, sink in
            guard let context, let host, let me else { return CATENA_MISUSE }
            let instance = WatchedInstance(WatchedType.at(context), host: host, path: path.text)
            let own = instance.type.original.pointee
            let status = own.create?(own.ctx, instance.host, path, config, offsets, &instance.me, sink) ?? CATENA_OK
            if status == CATENA_OK { me.pointee = Unmanaged.passRetained(instance).toOpaque() }
            return status
        }
        type.destroy = { me in
            guard let me else { return }
            let instance = Unmanaged<WatchedInstance>.fromOpaque(me).takeRetainedValue()
            instance.type.original.pointee.destroy?(instance.me)
        }
        if own.start != nil {
            type.start = { me, done, context in WatchedInstance.at(me).type.original.pointee.start?(WatchedInstance.at(me).me, done, context) }
        }
        if own.stop != nil {
            type.stop = { me, done, context in WatchedInstance.at(me).type.original.pointee.stop?(WatchedInstance.at(me).me, done, context) }
        }
        if own.extension != nil {
            type.extension = { me, id in WatchedInstance.at(me).type.original.pointee.extension?(WatchedInstance.at(me).me, id) }
        }
    }

    private func fillHooks(_ type: inout catena_type) {
        let own = original.pointee
        if own.request != nil {
            type.request = { me, hop in WatchedInstance.at(me).run(.request, hop, nil) { $0.request?($1, hop) } }
        }
        if own.request_reply != nil {
            type.request_reply = { me, hop, below in WatchedInstance.at(me).run(.requestReply, hop, below) { $0.request_reply?($1, hop, below) } }
        }
        if own.close != nil {
            type.close = { me, hop in WatchedInstance.at(me).run(.close, hop, nil) { $0.close?($1, hop) } }
        }
        if own.close_reply != nil {
            type.close_reply = { me, hop, below in WatchedInstance.at(me).run(.closeReply, hop, below) { $0.close_reply?($1, hop, below) } }
        }
        if own.cancel != nil {
            type.cancel = { me, hop in
                _ = WatchedInstance.at(me).run(.cancel, hop, nil) {
                    $0.cancel?($1, hop)
                    return nil
                }
            }
        }
        if own.call_slot_size > 0 { type.call_dropped = { WatchedInstance.at($0).callDropped($1) } }
        if own.conn_slot_size > 0 { type.conn_dropped = { WatchedInstance.at($0).connectionDropped($1, $2, $3) } }
        if own.conn_save != nil {
            type.conn_save = { me, slot, schema, writer in WatchedInstance.at(me).type.original.pointee.conn_save?(WatchedInstance.at(me).me, slot, schema, writer) }
        }
        if own.conn_load != nil {
            type.conn_load = { me, slot, schema, bytes in
                WatchedInstance.at(me).type.original.pointee.conn_load?(WatchedInstance.at(me).me, slot, schema, bytes) ?? CATENA_MISUSE
            }
        }
        if own.conn_restored != nil {
            type.conn_restored = { me, conn, leg, slot in WatchedInstance.at(me).type.original.pointee.conn_restored?(WatchedInstance.at(me).me, conn, leg, slot) }
        }
    }
}
