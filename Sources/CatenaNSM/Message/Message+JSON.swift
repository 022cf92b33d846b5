// SPDX-License-Identifier: Apache-2.0
// Which bytes of a message `json` prints for which field; how they are printed is the business of JSONPrinter.

extension Message {
    /// A field as JSON text for logs: names and enumerations as in the .proto files, tokens as `[redacted]`, unknown fields left
    /// out; `null` for a message that is not there.
    ///
    /// - Parameter limit: in bytes; what is longer is cut there and ends in an ellipsis.
    package func json(_ field: MessageField, limit: Int = 4096) -> String {
        String(decoding: jsonBytes(field, limit: limit), as: UTF8.self)
    }

    func jsonBytes(_ field: MessageField, limit: Int) -> [UInt8] {
        var printer = JSONPrinter(limit: limit)
        withBytes { bytes in
            switch field.kind {
            case .text(let number):
                printer.value(.text, bytes, index[.field(number)].contents)
            case .number:
                let kind: FieldKind = field == .state ? .enumeration(.state) : .uint32
                printer.number(kind, kind.canonical(UInt64(number(field))))
            case .request:
                printer.message(.request, bytes, 0..<bytes.count)
            case .message(let slot, let type):
                if index[slot].isPresent { printer.message(type, bytes, index[slot].contents) } else { printer.null() }
            case .preferences:
                let found = fields(2, in: index[.preferences].whole, of: .request, bytes)
                printer.list(found, .message(.mechanism), of: .request, bytes)
            case .map(let slot, let type, let number):
                printer.map(type.entries(fields(number, in: index[slot].contents, of: type, bytes), in: bytes))
            }
        }
        return printer.text.finished
    }

    private func fields(
        _ number: UInt32, in range: Range<Int>, of type: MessageType, _ bytes: Span<UInt8>
    ) -> [WireField] {
        var found: [WireField] = []
        var reader = WireReader(range, of: type)
        while let field = reader.nextChecked(in: bytes) {
            if field.number == number, field.type == .delimited { found.append(field) }
        }
        return found
    }
}
