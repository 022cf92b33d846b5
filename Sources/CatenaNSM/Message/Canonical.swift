// SPDX-License-Identifier: Apache-2.0
// One message has many encodings; this makes one of them: fields by number, maps by key, defaults left out, unknown fields at
// the end in their order. Two messages are the same when these bytes are, and bytes with repeated singular fields become plain.

/// What a comparison leaves out.
enum CanonicalForm {
    case complete
    /// Without tokens, expiries and metrics of path segments: what a mere refresh changes.
    case withoutRefresh

    func leavesOut(_ type: MessageType, _ number: UInt32) -> Bool {
        self == .withoutRefresh && type == .pathSegment && (3...5).contains(number)
    }
}

extension MessageType {
    /// The canonical bytes of a message that has been checked.
    func canonical(_ bytes: Span<UInt8>, _ range: Range<Int>, _ form: CanonicalForm = .complete) -> [UInt8] {
        // By field number; what is unknown at 0.
        var fields = [[WireField]](repeating: [], count: Int(Self.lastFieldNumber) + 1)
        var reader = WireReader(range, of: self)
        while let field = reader.nextChecked(in: bytes) {
            if let shape = self.field(field.number), shape.kind.wireType == field.type {
                fields[Int(field.number)].append(field)
            } else {
                fields[0].append(field)
            }
        }
        var writer = WireWriter(capacity: range.count)
        for number in 1...Self.lastFieldNumber {
            let found = fields[Int(number)]
            guard !found.isEmpty, let shape = field(number), !form.leavesOut(self, number) else { continue }
            write(found, number, shape, from: bytes, to: &writer, form)
        }
        for field in fields[0] { writer.raw(bytes, field.whole) }
        return writer.bytes
    }

    private func write(
        _ found: [WireField], _ number: UInt32, _ shape: FieldShape, from bytes: Span<UInt8>, to writer: inout WireWriter,
        _ form: CanonicalForm
    ) {
        switch shape.kind {
        case .text where shape.isRepeated:
            for field in found { writer.delimited(number, bytes.extracting(field.contents)) }
        case .text:
            if let last = found.last { writer.text(number, bytes.extracting(last.contents)) }
        case .bool, .uint32, .int32, .int64, .enumeration:
            if let last = found.last { writer.number(number, shape.kind.canonical(bytes.number(in: last.contents))) }
        case .message(let type) where shape.isRepeated:
            for field in found { writer.delimited(number, type.canonical(bytes, field.contents, form).span) }
        case .message(let type):
            // Messages merge as if their bytes stood behind each other.
            if found.count == 1 {
                writer.delimited(number, type.canonical(bytes, found[0].contents, form).span)
            } else {
                var merged = WireWriter()
                for field in found { merged.raw(bytes, field.contents) }
                writer.delimited(number, type.canonical(merged.bytes.span, 0..<merged.bytes.count, form).span)
            }
        case .map:
            for (key, value) in entries(found, in: bytes).sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                writer.delimited(number, MapEntry.encoded(key: key.span, value: value.span).span)
            }
        }
    }

    /// A map as a dictionary; the last of several entries with one key holds.
    func entries(_ found: [WireField], in bytes: Span<UInt8>) -> [[UInt8]: [UInt8]] {
        var entries: [[UInt8]: [UInt8]] = [:]
        for field in found {
            let entry = MapEntry(field.contents, in: bytes, of: self)
            entries[bytes.extracting(entry.key).copied()] = bytes.extracting(entry.value).copied()
        }
        return entries
    }
}

extension FieldKind {
    /// The number that a field of this kind holds, as the wire should have it: a varint may be wider than its field.
    func canonical(_ value: UInt64) -> UInt64 {
        switch self {
        case .bool: value == 0 ? 0 : 1
        case .uint32: UInt64(UInt32(truncatingIfNeeded: value))
        case .int32, .enumeration: UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: value)))
        case .int64, .text, .message, .map: value
        }
    }
}
