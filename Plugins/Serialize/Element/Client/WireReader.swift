// SPDX-License-Identifier: Apache-2.0
// Protobuf's wire format, one field after another. The bytes were checked by the host when the message came in; here a mistake is
// only that there is no field.

struct WireReader {
    struct Field {
        let number: UInt32
        /// 0 a number, 1 eight bytes, 2 bytes with a length, 5 four bytes.
        let wireType: UInt8
        /// Of a field with a length.
        let content: ArraySlice<UInt8>
        /// Tag and all.
        let whole: ArraySlice<UInt8>
    }

    private let bytes: ArraySlice<UInt8>
    private var place: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        place = bytes.startIndex
    }

    var isAtEnd: Bool { place == bytes.endIndex }

    /// nil: this is no field.
    mutating func next() -> Field? {
        let start = place
        guard let tag = varint(), let number = UInt32(exactly: tag >> 3), number > 0 else { return nil }
        var content = bytes[place..<place]
        switch tag & 7 {
        case 0: if varint() == nil { return nil }
        case 1: if !skip(8) { return nil }
        case 2:
            guard let length = varint().flatMap(Int.init(exactly:)) else { return nil }
            let begin = place
            guard skip(length) else { return nil }
            content = bytes[begin..<place]
        case 5: if !skip(4) { return nil }
        default: return nil
        }
        return Field(number: number, wireType: UInt8(tag & 7), content: content, whole: bytes[start..<place])
    }

    private mutating func skip(_ count: Int) -> Bool {
        guard count <= bytes.endIndex - place else { return false }
        place += count
        return true
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0, shift: UInt64 = 0
        while place < bytes.endIndex, shift < 64 {
            let byte = bytes[place]
            place += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    /// A field with a length, as it stands on the wire.
    static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        var bytes = [number << 3 | 2], length = content.count
        while length >= 0x80 {
            bytes.append(UInt8(length & 0x7F | 0x80))
            length >>= 7
        }
        bytes.append(UInt8(length))
        return bytes + content
    }
}
