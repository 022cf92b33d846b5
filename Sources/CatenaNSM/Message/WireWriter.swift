// SPDX-License-Identifier: Apache-2.0
// Makes the wire bytes of a few fields. Edits are made here first and then put into the message in one go, so a value may be
// borrowed from the very message that it is written to.

/// Bytes under construction.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func tag(_ number: UInt32, _ type: WireType) {
        varint(UInt64(number) << 3 | UInt64(type.rawValue))
    }

    /// A number field; 0 is the default and is not written.
    mutating func number(_ number: UInt32, _ value: UInt64) {
        guard value != 0 else { return }
        tag(number, .varint)
        varint(value)
    }

    /// A field with a length; an empty one is written, as for a message that means it is there.
    mutating func delimited(_ number: UInt32, _ contents: Span<UInt8>) {
        header(number, count: contents.count)
        raw(contents)
    }

    /// A message field whose contents `body` writes.
    mutating func message(_ number: UInt32, _ body: (inout WireWriter) -> Void) {
        tag(number, .delimited)
        let length = bytes.count
        bytes.append(0)  // nearly always wide enough
        body(&self)
        var count = UInt64(bytes.count - length - 1)
        var position = length
        while count >= 0x80 {
            bytes[position] = UInt8(truncatingIfNeeded: count) | 0x80
            count >>= 7
            position += 1
            bytes.insert(0, at: position)
        }
        bytes[position] = UInt8(truncatingIfNeeded: count)
    }

    /// Tag and length of a field whose contents follow.
    mutating func header(_ number: UInt32, count: Int) {
        tag(number, .delimited)
        varint(UInt64(count))
    }

    /// A text field; the empty text is the default and is not written.
    mutating func text(_ number: UInt32, _ contents: Span<UInt8>) {
        guard !contents.isEmpty else { return }
        delimited(number, contents)
    }

    mutating func raw(_ contents: Span<UInt8>) {
        guard !contents.isEmpty else { return }
        contents.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }  // a whole copy, not byte by byte
    }

    mutating func raw(_ contents: Span<UInt8>, _ range: Range<Int>) { raw(contents.extracting(range)) }

    /// How many bytes a number has.
    static func width(_ value: UInt64) -> Int {
        (64 - (value | 1).leadingZeroBitCount + 6) / 7
    }
}
