// SPDX-License-Identifier: Apache-2.0
// The type of a mechanism on the wire. To the host a mechanism is one piece, so that its message model has no word for what
// is inside; tests have one.

enum MechanismWire {
    /// A field with a length, and what is inside.
    static func field(_ number: UInt8, _ contents: [UInt8]) -> [UInt8] {
        var bytes = [number << 3 | 2], count = contents.count
        while count > 127 {
            bytes.append(UInt8(count & 127) | 128)
            count >>= 7
        }
        return bytes + [UInt8(count)] + contents
    }

    /// A mechanism of this type, and nothing else.
    static func bytes(_ type: String) -> [UInt8] { field(2, Array(type.utf8)) }

    /// The type of a mechanism; empty: it says none.
    static func type(_ mechanism: [UInt8]) -> String {
        fields(mechanism).last { $0.number == 2 }.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
    }

    /// The fields with a length, of bytes that the message model has checked. A field of another kind ends the list.
    static func fields(_ bytes: [UInt8]) -> [(number: UInt8, bytes: [UInt8])] {
        var found: [(number: UInt8, bytes: [UInt8])] = []
        var rest = bytes[...]
        while let tag = rest.popFirst(), tag & 7 == 2 {
            var count = 0, shift = 0
            while let byte = rest.popFirst() {
                count |= Int(byte & 127) << shift
                shift += 7
                if byte < 128 { break }
            }
            found.append((tag >> 3, Array(rest.prefix(count))))
            rest = rest.dropFirst(count)
        }
        return found
    }
}
