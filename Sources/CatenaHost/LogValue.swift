// SPDX-License-Identifier: Apache-2.0
// What a caller sends ends up in log lines, so a value may neither look like another field nor begin a line of its own.

/// Values of log fields.
enum LogValue {
    /// The value as it stands in a line `key=value key=value`: in quotes, and escaped as in JSON, where it would not be plain.
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
