// SPDX-License-Identifier: Apache-2.0
//
// Strings are where files from other tools go wrong quietly: raw tabs, half surrogates, escapes of other languages.
// Each is reported at its own byte and replaced, so the rest of the file is still read.

extension JSONParser {
    /// Reads the string that begins at `index`; its value has U+FFFD where a scalar could not be told.
    mutating func string() throws(Stop) -> String {
        let start = index
        var text: [UInt8] = []
        index += 1
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                try appendEscape(to: &text)
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                throw try stop(at: start, "the string is not closed on its line: add \", or write a line break as \\n")
            case 0x00..<0x20:
                let written = byte == UInt8(ascii: "\t") ? "\\t" : "\\u" + byte.hexadecimal(digits: 4)
                let name = "U+" + byte.hexadecimal(digits: 4)
                try report(at: index, "the control character \(name) in a string must be written \(written)")
                text.append(byte)
                index += 1
            default:
                text.append(byte)
                index += 1
            }
        }
        throw try stop(at: start, "the string is not closed: the file ends inside it")
    }

    private mutating func appendEscape(to text: inout [UInt8]) throws(Stop) {
        let start = index
        index += 1
        guard let byte = current else { return }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            index += 1
            text += String(try unicodeEscape(from: start)).utf8
            return
        default:
            try report(at: start, "JSON has no escape \\\(scalarText(at: index)): write \\\\ for a backslash")
            return  // The character after the backslash is read as itself.
        }
        index += 1
    }

    /// Reads what follows `\u`, a pair of surrogates included.
    private mutating func unicodeEscape(from start: Int) throws(Stop) -> Unicode.Scalar {
        guard let first = hexadecimalDigits() else {
            try report(at: start, "\\u takes four hexadecimal digits, such as \\u00e9")
            return "\u{FFFD}"
        }
        if let scalar = Unicode.Scalar(first) { return scalar }
        let afterFirst = index
        if first < 0xDC00, source.bytes[index...].starts(with: "\\u".utf8) {
            index += 2
            if let second = hexadecimalDigits(), (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)) {
                return scalar
            }
            index = afterFirst
        }
        let half = "\\u" + String(first, radix: 16)
        try report(at: start, "\(half) is half of a surrogate pair: write both halves, or the character itself")
        return "\u{FFFD}"
    }

    /// Takes four hexadecimal digits, or nothing.
    private mutating func hexadecimalDigits() -> UInt32? {
        guard index + 4 <= source.bytes.count else { return nil }
        var value: UInt32 = 0
        for byte in source.bytes[index..<(index + 4)] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 + UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 + UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 + UInt32(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        index += 4
        return value
    }
}

extension UInt8 {
    func hexadecimal(digits: Int) -> String {
        let text = String(self, radix: 16, uppercase: true)
        return String(repeating: "0", count: Swift.max(0, digits - text.utf8.count)) + text
    }
}
