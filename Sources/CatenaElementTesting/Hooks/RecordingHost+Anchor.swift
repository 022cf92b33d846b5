// SPDX-License-Identifier: Apache-2.0
// What an anchor asks of a host that runs nothing, written down in the order in which it was asked.
internal import CatenaABI
public import CatenaElement

extension RecordingHost {
    /// Something that only an anchor may ask.
    public enum AnchorWish: Equatable {
        /// The connection of this failed Close is to be kept; until 0: for ever.
        case keep(call: UInt64, until: UInt64)
        /// The Request below that no caller began is to end.
        case abort(connection: UInt64, ElementError)
        /// A job has the turn.
        case lend(connection: UInt64, job: UInt64)
        /// No job has it any more.
        case takeBack(connection: UInt64)
        /// The incarnation is to end.
        case end(connection: UInt64, Reason)
    }

    static func makeAnchor() -> catena_anchor_api {
        var table = catena_anchor_api()
        table.struct_size = UInt32(MemoryLayout<catena_anchor_api>.size)
        table.side = { HostTables.at($0)?.side.rawValue ?? 0 }
        table.keep_after_close = { RecordingHost.wish($0, .keep(call: $1, until: $2)) }
        table.abort = { host, connection, why in
            guard let why else { return CATENA_MISUSE }
            return RecordingHost.wish(host, .abort(connection: connection, ElementError(copying: why)), of: connection)
        }
        table.lend_turn = { host, connection, loan in
            let job = loan?.pointee.job
            return RecordingHost.wish(host, job.map { .lend(connection: connection, job: $0) } ?? .takeBack(connection: connection), of: connection)
        }
        table.end = { RecordingHost.wish($0, .end(connection: $1, Reason(rawValue: $2)), of: $1) }
        return table
    }

    private static func wish(
        _ host: UnsafePointer<catena_host>?, _ wish: AnchorWish, of connection: UInt64? = nil
    ) -> catena_status {
        guard let own = HostTables.at(host) else { return CATENA_MISUSE }
        own.anchorWishes.append(wish)
        return connection.map(own.ended.contains) == true ? CATENA_GONE : CATENA_OK
    }
}
