// SPDX-License-Identifier: Apache-2.0
// Text that stops growing at a limit: log lines must not become as long as a hostile peer likes, nor must making them take as
// long. Whoever writes here asks `isFull` and stops.

/// JSON under construction, of at most `limit` bytes and then an ellipsis.
struct JSONText {
    private var bytes: [UInt8] = []
    private let limit: Int
    private(set) var isFull = false

    init(limit: Int) {
        self.limit = max(0, limit)
        bytes.reserveCapacity(min(self.limit, 1024) + 3)
    }

    /// The text, never cut inside a character.
    var finished: [UInt8] { isFull ? bytes + Array("…".utf8) : bytes }

    mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { for byte in $0 { append(byte) } }
    }

    mutating func raw(_ text: String) {
        for byte in text.utf8 { append(byte) }
    }

    /// A JSON string of text that is known to be UTF-8.
    mutating func string(_ text: Span<UInt8>) {
        append(UInt8(ascii: "\""))
        for i in text.indices {
            if isFull { return }
            escape(text[i])
        }
        append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): raw("\\\"")
        case UInt8(ascii: "\\"): raw("\\\\")
        case UInt8(ascii: "\n"): raw("\\n")
        case UInt8(ascii: "\r"): raw("\\r")
        case UInt8(ascii: "\t"): raw("\\t")
        case 0..<0x20, 0x7f:
            raw("\\u00")
            append(Self.hex(byte >> 4))
            append(Self.hex(byte & 15))
        default: append(byte)
        }
    }

    private static func hex(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }

    private mutating func append(_ byte: UInt8) {
        guard !isFull else { return }
        if bytes.count < limit { return bytes.append(byte) }
        isFull = true
        // The byte that does not fit continues a character: the part of it that did must go too.
        guard byte & 0xc0 == 0x80 else { return }
        while let last = bytes.popLast(), last & 0xc0 == 0x80 {}
    }
}
