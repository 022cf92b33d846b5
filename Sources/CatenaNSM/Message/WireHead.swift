// SPDX-License-Identifier: Apache-2.0
// The first bytes of a field: its tag, and its length or its number. Every edit writes some of these, so they are made in place
// and not in an array.

/// Up to sixteen bytes in front of the contents of a field; a tag and a number have at most fifteen.
struct WireHead {
    private var bytes = InlineArray<16, UInt8>(repeating: 0)
    private(set) var count = 0

    /// Nothing.
    init() {}

    /// Tag and length of a field whose contents follow.
    init(_ number: UInt32, count: Int) {
        varint(UInt64(number) << 3 | UInt64(WireType.delimited.rawValue))
        varint(UInt64(count))
    }

    /// A whole number field.
    init(_ number: UInt32, value: UInt64) {
        varint(UInt64(number) << 3 | UInt64(WireType.varint.rawValue))
        varint(value)
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes[count] = UInt8(truncatingIfNeeded: rest) | 0x80
            count += 1
            rest >>= 7
        }
        bytes[count] = UInt8(truncatingIfNeeded: rest)
        count += 1
    }

    /// Writes these bytes; there must be room.
    func write(to place: UnsafeMutablePointer<UInt8>) {
        for i in 0..<count { place[i] = bytes[i] }
    }
}
