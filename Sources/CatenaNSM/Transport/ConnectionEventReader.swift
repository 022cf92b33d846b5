// SPDX-License-Identifier: Apache-2.0
// Reads what MonitorConnections sends. Each connection becomes a message straight from the event's bytes, with no map between.

package import CatenaChain
internal import CatenaABI

/// A `connection.ConnectionEvent`, as news for the engine.
package enum ConnectionEventReader {
    /// Set by Catena's servers in each piece of a long initial state but the last. Others skip a field that they do not know, and take
    /// each piece for news.
    package static let moreFollows: UInt32 = 1000

    private static let initialStateTransfer: UInt64 = 0
    private static let deletion: UInt64 = 2

    /// Tells what an event says, in its order. Nothing is told of bytes that are not an event.
    package static func read(_ bytes: Span<UInt8>, _ tell: (WatchNews) -> Void) throws(MessageError) {
        var type = initialStateTransfer
        var isPiece = false
        var connections: [Message] = []
        var reader = WireReader(0..<bytes.count, of: .connection)
        while let field = try reader.next(in: bytes) {
            switch (field.number, field.type) {
            case (1, .varint): type = bytes.number(in: field.contents)
            case (2, .delimited): connections.append(try connection(in: field.contents, of: bytes))
            case (moreFollows, .varint): isPiece = bytes.number(in: field.contents) != 0
            default: break
            }
        }
        if type == initialStateTransfer { tell(.snapshot) }
        for connection in connections {
            let message = connection.owned()
            tell(type == deletion ? .deleted(message.pointer) : .connection(message.pointer))
        }
        if type == initialStateTransfer, !isPiece { tell(.complete) }
    }

    /// The value of a map entry; without one it is a connection without a field.
    private static func connection(in entry: Range<Int>, of bytes: Span<UInt8>) throws(MessageError) -> Message {
        var reader = WireReader(entry, of: .connection)
        var value = entry.lowerBound..<entry.lowerBound
        while let field = try reader.next(in: bytes) {
            if field.number == 2, field.type == .delimited { value = field.contents }
        }
        return try Message(connection: bytes.extracting(value))
    }
}
