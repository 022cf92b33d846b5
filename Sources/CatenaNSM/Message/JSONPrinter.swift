// SPDX-License-Identifier: Apache-2.0
// Messages as people read them in logs: JSON with the names of the .proto files, straight from the wire bytes. Tokens are
// credentials and never printed; what the table does not know is left out.

/// Prints messages that have been checked and are plain.
struct JSONPrinter {
    private(set) var text: JSONText

    init(limit: Int) { text = JSONText(limit: limit) }

    mutating func message(_ type: MessageType, _ bytes: Span<UInt8>, _ range: Range<Int>) {
        if type == .timestamp { return timestamp(Timestamp(range, in: bytes)) }
        var fields = [[WireField]](repeating: [], count: Int(MessageType.lastFieldNumber) + 1)
        var reader = WireReader(range, of: type)
        while let field = reader.nextChecked(in: bytes) {
            guard let shape = type.field(field.number), shape.kind.wireType == field.type else { continue }
            fields[Int(field.number)].append(field)
        }
        text.raw("{")
        var isFirst = true
        for number in 1...MessageType.lastFieldNumber {
            let found = fields[Int(number)]
            guard !text.isFull, let shape = type.field(number), isWorthPrinting(found, shape, bytes) else { continue }
            separate(&isFirst)
            text.raw("\"")
            text.raw(shape.name)
            text.raw("\":")
            if type == .pathSegment, number == 3 {
                text.raw("\"[redacted]\"")
            } else {
                values(found, shape, of: type, bytes)
            }
        }
        text.raw("}")
    }

    mutating func map(_ entries: [[UInt8]: [UInt8]]) {
        text.raw("{")
        var isFirst = true
        for (key, value) in entries.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) where !text.isFull {
            separate(&isFirst)
            text.string(key.span)
            text.raw(":")
            text.string(value.span)
        }
        text.raw("}")
    }

    mutating func list(_ found: [WireField], _ kind: FieldKind, of type: MessageType, _ bytes: Span<UInt8>) {
        text.raw("[")
        var isFirst = true
        for field in found where !text.isFull {
            separate(&isFirst)
            value(kind, bytes, field.contents)
        }
        text.raw("]")
    }

    mutating func value(_ kind: FieldKind, _ bytes: Span<UInt8>, _ range: Range<Int>) {
        switch kind {
        case .text, .map: text.string(bytes.extracting(range))
        case .message(let type): message(type, bytes, range)
        case .bool, .uint32, .int32, .int64, .enumeration: number(kind, kind.canonical(bytes.number(in: range)))
        }
    }

    mutating func number(_ kind: FieldKind, _ value: UInt64) {
        switch kind {
        case .bool:
            text.raw(value == 0 ? "false" : "true")
        case .enumeration(let type):
            if let name = type.name(of: Int32(truncatingIfNeeded: value)) {
                text.raw("\"")
                text.raw(name)
                text.raw("\"")
            } else {
                text.raw(String(Int64(bitPattern: value)))
            }
        default:
            text.raw(String(Int64(bitPattern: value)))
        }
    }

    mutating func null() { text.raw("null") }

    private mutating func values(_ found: [WireField], _ shape: FieldShape, of type: MessageType, _ bytes: Span<UInt8>) {
        if case .map = shape.kind {
            map(type.entries(found, in: bytes))
        } else if shape.isRepeated {
            list(found, shape.kind, of: type, bytes)
        } else if let last = found.last {
            value(shape.kind, bytes, last.contents)
        }
    }

    /// Proto3 JSON leaves defaults out: empty lists, empty text, 0 and false.
    private func isWorthPrinting(_ found: [WireField], _ shape: FieldShape, _ bytes: Span<UInt8>) -> Bool {
        guard let last = found.last else { return false }
        if shape.isRepeated { return true }
        switch shape.kind {
        case .message, .map: return true
        case .text: return !last.contents.isEmpty
        case .bool, .uint32, .int32, .int64, .enumeration: return shape.kind.canonical(bytes.number(in: last.contents)) != 0
        }
    }

    /// A time that RFC 3339 cannot say is shown as the numbers it is made of.
    private mutating func timestamp(_ time: Timestamp) {
        if let text = time.rfc3339 {
            self.text.raw("\"\(text)\"")
        } else {
            text.raw("{\"seconds\":\(time.seconds),\"nanos\":\(time.nanos)}")
        }
    }

    private mutating func separate(_ isFirst: inout Bool) {
        if !isFirst { text.raw(",") }
        isFirst = false
    }
}
