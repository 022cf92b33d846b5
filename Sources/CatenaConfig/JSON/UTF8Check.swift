// SPDX-License-Identifier: Apache-2.0
//
// The standard library can tell that a text is no UTF-8, but not where, and "somewhere" is no help in a long file.
// A file in UTF-16, which Windows editors still write, is told apart because its remedy is another one.

/// Finds the first byte that is not UTF-8, by the table of RFC 3629 (no overlong forms, no surrogates, nothing above U+10FFFF).
enum UTF8Check {
    static func firstInvalidOffset(in bytes: [UInt8]) -> Int? {
        var index = 0
        while index < bytes.count {
            let lead = bytes[index]
            if lead < 0x80 {
                index += 1
                continue
            }
            let length: Int
            let second: ClosedRange<UInt8>
            switch lead {
            case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
            case 0xE0: (length, second) = (3, 0xA0...0xBF)
            case 0xE1...0xEC, 0xEE...0xEF: (length, second) = (3, 0x80...0xBF)
            case 0xED: (length, second) = (3, 0x80...0x9F)
            case 0xF0: (length, second) = (4, 0x90...0xBF)
            case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
            case 0xF4: (length, second) = (4, 0x80...0x8F)
            default: return index
            }
            guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return index }
            for offset in (index + 2)..<max(index + length, index + 2) where !bytes[offset].isUTF8Continuation { return index }
            index += length
        }
        return nil
    }

    /// True when the first bytes are those of a JSON text in UTF-16 or UTF-32, with or without a byte order mark.
    static func looksLikeWideEncoding(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 2 else { return false }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return true }
        return (bytes[0] == 0) != (bytes[1] == 0)
    }
}
