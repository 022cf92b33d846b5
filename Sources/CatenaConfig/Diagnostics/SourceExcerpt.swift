// SPDX-License-Identifier: Apache-2.0
//
// A caret under the wrong character is worse than none, so the caret line repeats the tabs above it and knows wide scripts.
// What it prints comes from a file nobody has checked yet: control characters must not reach the terminal.

/// The source line of a diagnostic, cut around the caret when it is long, and the caret line that goes under it.
struct SourceExcerpt: Sendable, Equatable {
    /// The text of the line, safe to print.
    let line: String
    /// White space as wide as the text before the marked place.
    let indent: String

    /// Lines of up to so many bytes are shown whole.
    static let longestWhole = 160
    /// Scalars kept on either side of the caret in a line that is cut.
    static let reach = 60

    init(of source: SourceText, at offset: Int) {
        let range = source.lineRange(at: offset)
        let caret = min(max(offset, range.lowerBound), range.upperBound)
        let isShort = range.count <= SourceExcerpt.longestWhole
        let start = isShort ? range.lowerBound : SourceExcerpt.step(in: source.bytes, from: caret, by: -1, within: range)
        let end = isShort ? range.upperBound : SourceExcerpt.step(in: source.bytes, from: caret, by: 1, within: range)

        let before = SourceExcerpt.printable(source.bytes[start..<caret])
        let after = SourceExcerpt.printable(source.bytes[caret..<end])
        let cutBefore = start > range.lowerBound
        line = (cutBefore ? "…" : "") + before + after + (end < range.upperBound ? "…" : "")

        var indent = cutBefore ? " " : ""
        for scalar in before.unicodeScalars {
            indent += scalar == "\t" ? "\t" : String(repeating: " ", count: scalar.terminalWidth)
        }
        self.indent = indent
    }

    /// The offset `reach` scalars away from `caret`, or the end of the line when that is nearer.
    private static func step(in bytes: [UInt8], from caret: Int, by direction: Int, within range: Range<Int>) -> Int {
        var offset = caret
        for _ in 0..<reach {
            guard direction < 0 ? offset > range.lowerBound : offset < range.upperBound else { break }
            offset += direction
            while offset > range.lowerBound, offset < range.upperBound, bytes[offset].isUTF8Continuation { offset += direction }
        }
        return offset
    }

    private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            text.append(scalar != "\t" && scalar.mustBeEscaped ? "\u{FFFD}" : scalar)
        }
        return String(text)
    }
}

extension Unicode.Scalar {
    /// Columns that a terminal gives to this scalar: 0 for what joins the scalar before it, 2 for wide scripts and emoji, else 1.
    var terminalWidth: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: if properties.isEmojiModifier { return 0 }
        }
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
            return 2
        default:
            return properties.isEmojiPresentation ? 2 : 1
        }
    }

    /// True for scalars that could move the cursor, reorder a line or hide: controls, formats and separators of lines.
    var mustBeEscaped: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
