// SPDX-License-Identifier: Apache-2.0
// An entry of a map stands on the wire as a message of two fields, key 1 and value 2, and each may be missing (then it is
// empty) or come twice (then the last one holds).

/// Where key and value of one map entry stand.
struct MapEntry {
    let key: Range<Int>
    let value: Range<Int>

    /// Reads the contents of an entry that has been checked.
    init(_ contents: Range<Int>, in bytes: Span<UInt8>, of type: MessageType) {
        var key = contents.lowerBound..<contents.lowerBound
        var value = key
        var reader = WireReader(contents, of: type)
        while let field = reader.nextChecked(in: bytes) {
            guard field.type == .delimited else { continue }
            if field.number == 1 { key = field.contents }
            if field.number == 2 { value = field.contents }
        }
        self.key = key
        self.value = value
    }

    /// The contents of an entry; both fields are always written, as by other implementations.
    static func encoded(key: Span<UInt8>, value: Span<UInt8>) -> [UInt8] {
        var writer = WireWriter(capacity: key.count + value.count + 8)
        writer.delimited(1, key)
        writer.delimited(2, value)
        return writer.bytes
    }
}

extension Span<UInt8> {
    /// Do both hold the same bytes?
    func hasSameBytes(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var difference: UInt8 = 0
        for i in indices { difference |= self[i] ^ other[i] }  // no exit, so that it becomes a few vector instructions
        return difference == 0
    }
}
