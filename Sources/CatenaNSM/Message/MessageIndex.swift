// SPDX-License-Identifier: Apache-2.0
// Where the fields stand that elements read and write in every call. It is a plain value of fixed size: making it costs one
// pass over the bytes and no allocation, and an edit moves it along instead of making it anew.

/// The places of the fields of a request, its connection and its path.
struct MessageIndex {
    private(set) var connection = FieldRange.absent
    /// All preferences, tags included, as one piece.
    private(set) var preferences = FieldRange.absent
    /// The singular fields of the connection, by number; 0 and 5, the labels, stay empty.
    private(set) var fields = InlineArray<10, FieldRange>(repeating: .absent)
    private(set) var pathIndex = FieldRange.absent
    private(set) var segmentCount = 0
    /// No singular field occurs twice, and the preferences stand together. Otherwise the places are worth nothing.
    private(set) var isPlain = true

    init() {}

    init(scanning bytes: Span<UInt8>) throws(MessageError) { try scan(bytes) }

    /// Finds the places, and checks all of the request. In place, as an index is large for a value.
    mutating func scan(_ bytes: Span<UInt8>) throws(MessageError) {
        self = MessageIndex()
        let type = MessageType.request
        var reader = WireReader(0..<bytes.count, of: type)
        while let field = try reader.next(in: bytes) {
            guard field.type == .delimited else { continue }
            switch field.number {
            case 1:
                note(field, at: .connection)
                try scanConnection(field.contents, in: bytes)
            case 2:
                if preferences.isPresent, preferences.whole.upperBound != field.start { isPlain = false }
                let start = preferences.isPresent ? preferences.whole.lowerBound : field.start
                preferences = FieldRange(start: start, body: start, end: field.end)
                if try !MessageType.mechanism.check(bytes, field.contents, depth: 2) { isPlain = false }
            default:
                continue
            }
        }
    }

    private mutating func scanConnection(_ range: Range<Int>, in bytes: Span<UInt8>) throws(MessageError) {
        let type = MessageType.connection
        var reader = WireReader(range, of: type, depth: 2)
        while let field = try reader.next(in: bytes) {
            guard let shape = type.field(field.number), shape.kind.wireType == field.type else { continue }
            if !shape.isRepeated { note(field, at: .field(field.number)) }
            if case .message(.path) = shape.kind {
                try scanPath(field.contents, in: bytes)
            } else if try !type.check(field, shape.kind, in: bytes, depth: 2) {
                isPlain = false
            }
        }
    }

    private mutating func scanPath(_ range: Range<Int>, in bytes: Span<UInt8>) throws(MessageError) {
        var reader = WireReader(range, of: .path, depth: 3)
        while let field = try reader.next(in: bytes) {
            switch (field.number, field.type) {
            case (1, .varint):
                note(field, at: .pathIndex)
            case (2, .delimited):
                segmentCount += 1
                if try !MessageType.pathSegment.check(bytes, field.contents, depth: 4) { isPlain = false }
            default:
                continue
            }
        }
    }

    private mutating func note(_ field: WireField, at slot: IndexSlot) {
        if self[slot].isPresent { isPlain = false }
        self[slot] = FieldRange(field)
    }

    /// The place of one field.
    subscript(slot: IndexSlot) -> FieldRange {
        get {
            switch slot {
            case .connection: connection
            case .preferences: preferences
            case .field(let number): fields[Int(number)]
            case .pathIndex: pathIndex
            }
        }
        set {
            switch slot {
            case .connection: connection = newValue
            case .preferences: preferences = newValue
            case .field(let number): fields[Int(number)] = newValue
            case .pathIndex: pathIndex = newValue
            }
        }
    }

    /// Moves all places along with a replacement of `range` by bytes that are `delta` longer.
    mutating func follow(_ range: Range<Int>, delta: Int) {
        connection.follow(range, delta: delta)
        preferences.follow(range, delta: delta)
        pathIndex.follow(range, delta: delta)
        for number in fields.indices { fields[number].follow(range, delta: delta) }
    }

    mutating func addSegment() { segmentCount += 1 }

    /// Takes over where the fields inside the connection or the path are, after its contents have been copied from a message with
    /// the index `other`.
    mutating func adopt(_ slot: IndexSlot, from other: MessageIndex) {
        guard slot == .connection || slot == .path else { return }
        let delta = self[slot].contents.lowerBound - other[slot].contents.lowerBound
        if slot == .connection {
            for number in fields.indices { fields[number] = other.fields[number].moved(by: delta) }
        }
        pathIndex = other.pathIndex.moved(by: delta)
        segmentCount = other.segmentCount
    }
}

/// A field that the index knows.
enum IndexSlot: Equatable {
    case connection
    case preferences
    /// A singular field of the connection, 1 to 9.
    case field(UInt32)
    case pathIndex

    static let mechanism = IndexSlot.field(3)
    static let path = IndexSlot.field(6)

    /// The message that the field is in; nil: the request itself.
    var container: IndexSlot? {
        switch self {
        case .connection, .preferences: nil
        case .field: .connection
        case .pathIndex: .path
        }
    }
}
