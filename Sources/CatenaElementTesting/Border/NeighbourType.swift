// SPDX-License-Identifier: Apache-2.0
// A neighbour as the engine sees it: an element type of its own, written against the header. The C functions capture nothing
// and find the neighbour through `ctx` and `self`, as those of a module in C would.
internal import CatenaABI
internal import CatenaElement

/// The C table of one neighbour.
///
/// Unchecked: written in init; what changes is behind a lock of its own.
final class NeighbourType: @unchecked Sendable {
    let neighbour: Neighbour
    let record: BenchRecord
    let loop: ManualLoop
    private let texts = TextKeeper()
    private let declarations: UnsafeMutablePointer<catena_value_decl>
    private let table: UnsafeMutablePointer<catena_type>

    init(_ neighbour: Neighbour, record: BenchRecord, loop: ManualLoop) {
        self.neighbour = neighbour
        self.record = record
        self.loop = loop
        declarations = .allocate(capacity: max(1, neighbour.values.count))
        table = .allocate(capacity: 1)
        for (index, value) in neighbour.values.enumerated() {
            (declarations + index).initialize(
                to: catena_value_decl(
                    struct_size: UInt32(MemoryLayout<catena_value_decl>.size), flags: value.flags, key: texts.keep(value.key),
                    size: UInt32(value.size), align: UInt32(value.alignment)))
        }
        table.initialize(to: catena_type())
        fill(&table.pointee)
    }

    deinit {
        table.deallocate()
        declarations.deallocate()
    }

    /// As long as this object.
    var pointer: UnsafePointer<catena_type> { UnsafePointer(table) }

    static func at(_ context: UnsafeMutableRawPointer) -> NeighbourType {
        Unmanaged<NeighbourType>.fromOpaque(context).takeUnretainedValue()
    }

    private func fill(_ type: inout catena_type) {
        type.struct_size = UInt32(MemoryLayout<catena_type>.size)
        type.flags = neighbour.traits.rawValue
        type.id = texts.keep(neighbour.name)
        type.version = texts.keep("1")
        type.ctx = Unmanaged.passUnretained(self).toOpaque()
        type.values = UnsafePointer(declarations)
        type.n_values = UInt32(neighbour.values.count)
        type.create = { context, host, path, _, offsets, me, _ in
            guard let context, let host, let me else { return CATENA_MISUSE }
            let place = NeighbourPlace(NeighbourType.at(context), host: host, path: path.text, offsets: offsets)
            guard let place else { return CATENA_FAILED_PRECONDITION }
            me.pointee = Unmanaged.passRetained(place).toOpaque()
            return CATENA_OK
        }
        type.destroy = { if let me = $0 { Unmanaged<NeighbourPlace>.fromOpaque(me).release() } }
        type.request = { NeighbourPlace.run(.request, $0, $1, nil) }
        type.request_reply = { NeighbourPlace.run(.requestReply, $0, $1, $2) }
        type.close = { NeighbourPlace.run(.close, $0, $1, nil) }
        type.close_reply = { NeighbourPlace.run(.closeReply, $0, $1, $2) }
        type.cancel = { _ = NeighbourPlace.run(.cancel, $0, $1, nil) }
    }
}
