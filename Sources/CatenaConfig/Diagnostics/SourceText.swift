// SPDX-License-Identifier: Apache-2.0
//
// Nodes carry byte offsets only, two integers each; lines and columns are worked out when a problem is reported.
// A good file therefore pays one pass over its line ends and nothing else.

/// The bytes of one file with its name and the offsets at which its lines begin.
struct SourceText: Sendable {
    /// The name to print, as it was given by the user.
    let file: String
    let bytes: [UInt8]
    private let lineStarts: [Int]

    init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
        // Editors hide a byte order mark, so it takes no column.
        var starts = [bytes.starts(with: SourceText.byteOrderMark) ? SourceText.byteOrderMark.count : 0]
        for (offset, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\n") {
                starts.append(offset + 1)
            } else if byte == UInt8(ascii: "\r"), offset + 1 == bytes.count || bytes[offset + 1] != UInt8(ascii: "\n") {
                starts.append(offset + 1)
            }
        }
        self.lineStarts = starts
    }

    /// U+FEFF in UTF-8.
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The line and column of a byte offset; an offset past the end is the end.
    func position(at offset: Int) -> SourcePosition {
        let offset = min(max(offset, 0), bytes.count)
        let line = lineIndex(of: offset)
        var column = 1
        var index = lineStarts[line]
        while index < offset {
            if !bytes[index].isUTF8Continuation { column += 1 }
            index += 1
        }
        return SourcePosition(line: line + 1, column: column)
    }

    /// The bytes of the line that holds `offset`, without its line end.
    func lineRange(at offset: Int) -> Range<Int> {
        let start = lineStarts[lineIndex(of: min(max(offset, 0), bytes.count))]
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n"), bytes[end] != UInt8(ascii: "\r") { end += 1 }
        return start..<end
    }

    private func lineIndex(of offset: Int) -> Int {
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }
}

extension UInt8 {
    /// True for the second and later bytes of a multi-byte UTF-8 sequence.
    var isUTF8Continuation: Bool { self & 0xC0 == 0x80 }
}
