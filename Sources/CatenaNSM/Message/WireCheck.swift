// SPDX-License-Identifier: Apache-2.0
// Says whether bytes are a message of a type, at every level that the type knows. What has passed here once is never
// doubted again: reading, printing and comparing need no error path.

extension MessageType {
    /// Checks a message: its form, its text fields, and all messages inside.
    ///
    /// - Returns: true when it is plain. Not plain is a singular field that occurs twice, which is legal: for text and numbers
    ///   the last one holds, messages are merged. `canonical` makes such bytes plain.
    func check(_ bytes: Span<UInt8>, _ range: Range<Int>, depth: Int = 1) throws(MessageError) -> Bool {
        var reader = WireReader(range, of: self, depth: depth)
        var isPlain = true
        var seen: UInt32 = 0
        while let field = try reader.next(in: bytes) {
            guard let shape = self.field(field.number), shape.kind.wireType == field.type else { continue }
            if !shape.isRepeated {
                let bit: UInt32 = 1 << field.number
                if seen & bit != 0 { isPlain = false }
                seen |= bit
            }
            if try !check(field, shape.kind, in: bytes, depth: depth) { isPlain = false }
        }
        return isPlain
    }

    /// Checks the contents of one field of this type that has the wire type of its kind.
    @inline(__always)
    func check(_ field: WireField, _ kind: FieldKind, in bytes: Span<UInt8>, depth: Int) throws(MessageError) -> Bool {
        switch kind {
        case .bool, .uint32, .int32, .int64, .enumeration:
            return true
        case .text:
            try checkText(bytes, field.contents, field: field.number)
            return true
        case .message(let type):
            guard depth < WireReader.depthLimit else {
                throw MessageError(.tooDeep, at: field.start, in: self, field: field.number)
            }
            return try type.check(bytes, field.contents, depth: depth + 1)
        case .map:
            try checkEntry(bytes, field, depth: depth)
            return true
        }
    }

    func checkText(_ bytes: Span<UInt8>, _ range: Range<Int>, field number: UInt32) throws(MessageError) {
        let text = bytes.extracting(range)
        if text.isASCII { return }
        do {
            _ = try UTF8Span(validating: text)
        } catch {
            throw MessageError(.notUTF8, at: range.lowerBound, in: self, field: number)
        }
    }

    private func checkEntry(_ bytes: Span<UInt8>, _ entry: WireField, depth: Int) throws(MessageError) {
        var reader = WireReader(entry.contents, of: self, depth: depth)
        do {
            while let field = try reader.next(in: bytes) {
                guard field.type == .delimited, field.number == 1 || field.number == 2 else { continue }
                try checkText(bytes, field.contents, field: entry.number)
            }
        } catch {
            // The numbers inside an entry are not those of this type: it is the map that is wrong.
            throw MessageError(error.reason, at: error.offset, in: self, field: entry.number)
        }
    }
}

extension Span<UInt8> {
    /// Nearly all text in these messages is; the loop has no exit so that it becomes a few vector instructions.
    fileprivate var isASCII: Bool {
        var all: UInt8 = 0
        for i in indices { all |= self[i] }
        return all < 0x80
    }
}
