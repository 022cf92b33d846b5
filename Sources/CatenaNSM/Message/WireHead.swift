// SPDX-License-Identifier: Apache-2.0
// The first bytes of a field: its tag, and its length or its number. Every edit writes some of these, so they are made in place
// and not in an array.

/// Up to sixteen bytes in front of the contents of a field; a tag and a number have at most fifteen.
struct WireHead {
    /// The first byte is the lowest.
    private var bytes: UInt128 = 0
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
            append(rest & 0x7f | 0x80)
            rest >>= 7
        }
        append(rest)
    }

    private mutating func append(_ byte: UInt64) {
        bytes |= UInt128(byte) &<< UInt128(8 * count)
        count += 1
    }

    /// Writes these bytes; there must be room.
    func write(to place: UnsafeMutablePointer<UInt8>) {
        var rest = bytes
        for i in 0..<count {
            place[i] = UInt8(truncatingIfNeeded: rest)
            rest >>= 8
        }
    }
}
