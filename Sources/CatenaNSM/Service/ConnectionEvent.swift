// SPDX-License-Identifier: Apache-2.0
// Events for subscribers (api: connection.proto, ConnectionEvent), written around the connections' bytes as they lie in the messages:
// nothing is decoded for them.

internal import NIOCore

/// The wire form of a ConnectionEvent.
enum ConnectionEvent {
    /// ConnectionEventType.
    enum Kind: UInt64, Sendable {
        case initialStateTransfer = 0
        case update = 1
        case delete = 2
    }

    /// A ConnectionEvent with these connections, by their ids.
    ///
    /// - Parameter moreFollows: an extension of ours, ``ConnectionEventReader/moreFollows``: what is there is told in more than one event,
    ///   and another INITIAL_STATE_TRANSFER follows this one. Peers that do not know the field skip it, as protobuf asks, and find all
    ///   of the state in the events together.
    static func encode(_ kind: Kind, _ connections: some Collection<(id: String, connection: SharedBytes)>, moreFollows: Bool = false) -> ByteBuffer {
        let size = connections.reduce(16) { $0 + Self.size(of: $1) }
        var writer = WireWriter(capacity: size)
        writer.number(1, kind.rawValue)
        for entry in connections {
            let id = Array(entry.id.utf8)
            let connection = entry.connection.bytes
            writer.header(2, count: fieldSize(id.count) + fieldSize(connection.count))
            writer.delimited(1, id.span)
            writer.header(2, count: connection.count)
            connection.withMemoryRebound(to: UInt8.self) { writer.raw($0.span) }
        }
        if moreFollows { writer.number(ConnectionEventReader.moreFollows, 1) }
        return ByteBuffer(bytes: writer.bytes)
    }

    /// Bytes of one connection in an event, at most.
    static func size(of entry: (id: String, connection: SharedBytes)) -> Int { entry.id.utf8.count + entry.connection.bytes.count + 24 }

    /// Tag, length and contents of a field with a number below 16.
    private static func fieldSize(_ count: Int) -> Int { 1 + WireWriter.width(UInt64(count)) + count }
}
