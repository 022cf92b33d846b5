// SPDX-License-Identifier: Apache-2.0
// What the host knows of the connections themselves. The table is the host's, so that elements keep none of their own.
internal import CatenaABI

/// The host's connection table. On the connection's loop, unless it says otherwise.
public struct ConnectionService: Sendable {
    private let host: Host

    init(_ host: Host) { self.host = host }

    private var table: UnsafePointer<catena_connection_api> { host.services.pointee.connection }

    /// Whether a Request of this incarnation has succeeded and no Close has ended it.
    public func isEstablished(_ connection: Connection) -> Bool {
        table.pointee.established(host.pointer, connection.number)
    }

    /// Lends the last good message, as it was at the anchor, to be read; nil: there is none.
    public func withLast<R, E: Error>(of connection: Connection, _ body: (borrowing Message) throws(E) -> R) throws(E) -> R? {
        guard let last = table.pointee.last(host.pointer, connection.number) else { return nil }
        return try body(Message(last, host))
    }

    /// The id of a connection, also of one that has ended: of the last 1,024 at least. nil: not known any more. Any thread.
    public func id(of connection: Connection) -> String? {
        var bytes: [UInt8] = []
        let status = withUnsafeMutablePointer(to: &bytes) { bytes in
            var writer = catena_writer(appendingTo: bytes)
            return table.pointee.id(host.pointer, connection.number, &writer)
        }
        return status == CATENA_OK ? String(decoding: bytes, as: UTF8.self) : nil
    }

    /// Ends a client call or an event soon, with CANCELLED; its completion still comes. Any thread.
    public func cancel(_ operation: Operation) {
        // GONE, the only other answer, says that the operation has ended, which is what was asked.
        _ = table.pointee.cancel(host.pointer, operation.number)
    }
}
