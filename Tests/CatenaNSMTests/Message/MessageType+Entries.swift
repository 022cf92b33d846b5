// SPDX-License-Identifier: Apache-2.0
// The one kind of legal bytes that swift-protobuf reads otherwise than all others do: what compares with it has to know them.

@testable import CatenaNSM

extension MessageType {
    /// swift-protobuf reads on in the middle of a key or value that has the wrong wire type; we and the others pass over it.
    func hasWronglyTypedEntry(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        var reader = WireReader(range, of: self)
        while let field = reader.nextChecked(in: bytes.span) {
            guard let shape = self.field(field.number), shape.kind.wireType == field.type else { continue }
            switch shape.kind {
            case .message(let inner):
                if inner.hasWronglyTypedEntry(bytes, field.contents) { return true }
            case .map:
                var entry = WireReader(field.contents, of: self)
                while let part = entry.nextChecked(in: bytes.span) {
                    if part.number <= 2, part.type != .delimited { return true }
                }
            default: continue
            }
        }
        return false
    }
}
