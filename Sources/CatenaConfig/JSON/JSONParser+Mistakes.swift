// SPDX-License-Identifier: Apache-2.0
//
// What people really type into JSON files, and the sentence that helps each of them.
// The grammar itself needs none of this; a bare "unexpected character" would do, and would send the user to a search engine.

extension JSONParser {
    /// Skips space, tab and line ends; a comment is reported and skipped too.
    mutating func skipWhitespace() throws(Stop) {
        while let byte = current {
            if byte.isJSONWhitespace {
                index += 1
            } else if source.bytes[index...].starts(with: "/*".utf8) {
                try reportComment()
                index += 2
                while current != nil, !source.bytes[index...].starts(with: "*/".utf8) { index += 1 }
                index = min(index + 2, source.bytes.count)
            } else if byte == UInt8(ascii: "#") || source.bytes[index...].starts(with: "//".utf8) {
                try reportComment()
                while let byte = current, byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") { index += 1 }
            } else {
                return
            }
        }
    }

    private mutating func reportComment() throws(Stop) {
        try report(at: index, "JSON has no comments: a key that begins with \"x-\" may carry a note")
    }

    /// Reads true, false or null, or explains what else stands here.
    mutating func literal() throws(Stop) -> JSONNode {
        let start = index
        let word = wordAhead
        switch word {
        case "true", "false", "null":
            index += word.utf8.count
            return JSONNode(value: word == "null" ? .null : .bool(word == "true"), span: start..<index)
        case "":
            switch scalarText(at: index) {
            case "'": throw try stop(at: index, "JSON strings take double quotes, not single ones")
            case "“", "”", "„", "«", "»":
                throw try stop(at: index, "JSON strings take plain double quotes (\"), not typographic ones")
            default: throw try stop(at: index, "expected a value, got \(found)")
            }
        default:
            throw try stop(at: index, "expected a value, got \(word.quoted(limit: 40))\(JSONParser.hint(forWord: word))")
        }
    }

    /// Explains what stands where a key must be.
    mutating func notAKey() throws(Stop) -> Stop {
        let word = wordAhead
        if !word.isEmpty { return try stop(at: index, "a key takes double quotes: \(word.quoted(limit: 40))") }
        switch scalarText(at: index) {
        case "'": return try stop(at: index, "a key takes double quotes, not single ones")
        case "“", "”", "„", "«", "»":
            return try stop(at: index, "a key takes plain double quotes (\"), not typographic ones")
        default: return try stop(at: index, "expected a key in double quotes, got \(found)")
        }
    }

    private static func hint(forWord word: String) -> String {
        switch word.lowercased() {
        case "nan", "infinity", "inf": return ": JSON has no NaN and no Infinity"
        case "none", "nil", "undefined": return " (did you mean null?)"
        default:
            if let near = Suggestion.nearest(to: word, in: ["true", "false", "null"]) { return " (did you mean \(near)?)" }
            return ": a string takes double quotes"
        }
    }

    /// The letters, digits, `_` and `$` that come next.
    private var wordAhead: String {
        let word = source.bytes[index...].prefix { $0.isWordByte }
        return String(decoding: word, as: UTF8.self)
    }

    /// What stands at `index`, for the end of "expected …, got …".
    var found: String {
        guard current != nil else { return "the end of the file" }
        let word = wordAhead
        if !word.isEmpty { return word.quoted(limit: 40) }
        if current == UInt8(ascii: "\"") { return "a string" }
        let text = scalarText(at: index)
        if let scalar = text.unicodeScalars.first, scalar.mustBeEscaped || scalar.properties.isWhitespace {
            let number = String(scalar.value, radix: 16, uppercase: true)
            let name = "U+\(String(repeating: "0", count: max(0, 4 - number.utf8.count)))\(number)"
            return scalar.properties.isWhitespace ? "\(name), which is no white space in JSON" : name
        }
        return text == "\"" ? "'\"'" : "\"\(text)\""
    }

    /// The one scalar that begins at `offset`; the source is known to be UTF-8.
    func scalarText(at offset: Int) -> String {
        guard offset < source.bytes.count else { return "" }
        var end = offset + 1
        while end < source.bytes.count, source.bytes[end].isUTF8Continuation { end += 1 }
        return String(decoding: source.bytes[offset..<end], as: UTF8.self)
    }
}

extension UInt8 {
    /// Space, tab, line feed or carriage return: all the white space that JSON has.
    var isJSONWhitespace: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }

    /// A letter, digit, `_` or `$` of ASCII.
    var isWordByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "$"):
            true
        default: false
        }
    }
}
