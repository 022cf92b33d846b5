// SPDX-License-Identifier: Apache-2.0
// What a caller sends ends up in log lines, so a value may neither look like another field nor begin a line of its own.

/// Values of log fields.
enum LogValue {
    /// The most bytes of a value, or of an element's sentence, that a line shows: 1 KiB.
    static let longest = 1024
    /// The field that holds a whole message: whoever asks for messages in the log says in the element's config how much of them.
    static let bodyKey = "body"

    /// The text; one that is longer than ``longest`` is cut, and says how long it was.
    static func cut(_ text: String) -> String {
        let count = text.utf8.count
        guard count > longest else { return text }
        var kept = Substring(text).utf8.prefix(longest)
        // Up to the beginning of a character: the bytes from its second on are 10xxxxxx.
        while let next = text.utf8[kept.endIndex...].first, next & 0xC0 == 0x80 { kept = kept.dropLast() }
        return "\(Substring(kept))… (\(count) bytes)"
    }

    /// The value as it stands in a line `key=value key=value`: cut, and in quotes, escaped as in JSON, where it would not be plain.
    static func shown(_ value: String, of key: String) -> String { quoted(key == bodyKey ? value : cut(value)) }

    /// In quotes, escaped as in JSON, where the text would not be plain.
    static func quoted(_ value: String) -> String {
        let isPlain = !value.isEmpty && value.unicodeScalars.allSatisfy { !needsCare($0) }
        guard !isPlain else { return value }
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case _ where isControl(scalar): text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }

    private static func needsCare(_ scalar: Unicode.Scalar) -> Bool {
        isControl(scalar) || scalar == " " || scalar == "=" || scalar == "\"" || scalar == "\\" || scalar == "["
    }

    /// Controls, and the separators that some viewers take for the end of a line.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
    }
}
