// SPDX-License-Identifier: Apache-2.0
//
// Strict RFC 8259, written by us because no parser at hand keeps the place of keys and values or explains itself to people.
// Habits from other languages (comments, trailing commas) are reported and passed over, so that one run shows the rest too.

/// Reads one JSON text into a tree. Whatever the bytes, it ends, and nests no deeper than `maximumDepth`.
struct JSONParser {
    /// Arrays and objects inside one another; more is an error.
    static let maximumDepth = 128
    /// Problems after which reading stops.
    static let maximumProblems = 50

    let source: SourceText
    var index = 0
    /// Where in the tree the parser is, for diagnostics.
    var path = JSONPointer.root
    private(set) var problems: [Diagnostic] = []
    private var problemBytes = 0
    private var depth = 0

    /// Reading cannot go on; the reason is the last of `problems`.
    struct Stop: Error {}

    private init(_ source: SourceText) { self.source = source }

    /// The tree, or nil when reading had to stop, and every problem met.
    /// A tree with problems beside it is good for finding more of them only.
    static func parse(_ source: SourceText) -> (root: JSONNode?, problems: [Diagnostic]) {
        var parser = JSONParser(source)
        let root = try? parser.document()
        return (root, parser.problems)
    }

    private mutating func document() throws(Stop) -> JSONNode {
        if UTF8Check.looksLikeWideEncoding(source.bytes) {
            throw try stop(at: 0, "the file is in UTF-16 or UTF-32: save it as UTF-8")
        }
        if let offset = UTF8Check.firstInvalidOffset(in: source.bytes) {
            let byte = String(source.bytes[offset], radix: 16, uppercase: true)
            throw try stop(at: offset, "the byte 0x\(byte) is not UTF-8 here: save the file as UTF-8")
        }
        if source.bytes.starts(with: SourceText.byteOrderMark) {
            try report(at: 0, "the file begins with a byte order mark: JSON has none, save it as UTF-8 without BOM")
            index = SourceText.byteOrderMark.count
        }
        try skipWhitespace()
        if current == nil { throw try stop(at: index, "the file is empty, expected a JSON object") }
        let root = try value()
        try skipWhitespace()
        if current != nil { throw try stop(at: index, "expected the end of the file after the value, got \(found)") }
        return root
    }

    // MARK: Values

    mutating func value() throws(Stop) -> JSONNode {
        guard let byte = current else { return try literal() }
        switch byte {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""):
            let start = index
            let text = try string()
            return JSONNode(value: .string(text), span: start..<index)
        case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."): return try number()
        case _ where byte.isDigit: return try number()
        default: return try literal()
        }
    }

    private mutating func array() throws(Stop) -> JSONNode {
        let start = index
        try enter()
        var nodes: [JSONNode] = []
        var comma: Int?
        while true {
            try skipWhitespace()
            if current == UInt8(ascii: "]") {
                if let comma { try report(at: comma, "JSON has no comma before a closing \"]\": remove it") }
                break
            }
            if current == nil { throw try unfinished("array", begunAt: start) }
            if !nodes.isEmpty, comma == nil { throw try stop(at: index, "expected \",\" or \"]\" in the array, got \(found)") }
            path.append(String(nodes.count))
            nodes.append(try value())
            path.removeLast()
            comma = try takeComma()
        }
        leave()
        return JSONNode(value: .array(nodes), span: start..<index)
    }

    private mutating func object() throws(Stop) -> JSONNode {
        let start = index
        try enter()
        var members: [JSONMember] = []
        var keys: [[UInt8]: Int] = [:]
        var comma: Int?
        while true {
            try skipWhitespace()
            if current == UInt8(ascii: "}") {
                if let comma { try report(at: comma, "JSON has no comma before a closing \"}\": remove it") }
                break
            }
            if current == nil { throw try unfinished("object", begunAt: start) }
            if !members.isEmpty, comma == nil { throw try stop(at: index, "expected \",\" or \"}\" in the object, got \(found)") }
            let member = try self.member(of: start)
            if let first = keys.updateValue(member.keySpan.lowerBound, forKey: Array(member.key.utf8)) {
                keys[Array(member.key.utf8)] = first
                let place = source.position(at: first)
                let duplicate = "the key \(member.key.quoted()) is already given at line \(place.line), column \(place.column)"
                path.append(member.key)
                try report(at: member.keySpan.lowerBound, duplicate)
                path.removeLast()
            } else {
                members.append(member)
            }
            comma = try takeComma()
        }
        leave()
        return JSONNode(value: .object(members), span: start..<index)
    }

    private mutating func member(of start: Int) throws(Stop) -> JSONMember {
        let keyStart = index
        guard current == UInt8(ascii: "\"") else { throw try notAKey() }
        let key = try string()
        let keySpan = keyStart..<index
        path.append(key)
        try skipWhitespace()
        guard current == UInt8(ascii: ":") else {
            if current == nil { throw try unfinished("object", begunAt: start) }
            throw try stop(at: index, "expected \":\" after the key \(key.quoted()), got \(found)")
        }
        index += 1
        try skipWhitespace()
        if current == nil { throw try unfinished("object", begunAt: start) }
        let member = JSONMember(key: key, keySpan: keySpan, value: try value())
        path.removeLast()
        return member
    }

    // MARK: Steps

    /// The next byte, or nil at the end.
    var current: UInt8? { index < source.bytes.count ? source.bytes[index] : nil }

    private mutating func enter() throws(Stop) {
        depth += 1
        if depth > JSONParser.maximumDepth {
            throw try stop(at: index, "nested deeper than \(JSONParser.maximumDepth) arrays and objects")
        }
        index += 1
    }

    private mutating func leave() {
        depth -= 1
        index += 1
    }

    /// Takes a comma, if one is next, and returns its offset.
    private mutating func takeComma() throws(Stop) -> Int? {
        try skipWhitespace()
        guard current == UInt8(ascii: ",") else { return nil }
        index += 1
        return index - 1
    }

    // MARK: Reports

    mutating func report(at offset: Int, _ message: String) throws(Stop) {
        guard problems.count < JSONParser.maximumProblems, problemBytes < ProblemLog.maximumBytes else { throw Stop() }
        let problem = Diagnostic(severity: .error, source: source, offset: offset, pointer: path, message: message)
        problems.append(problem)
        problemBytes += problem.size
    }

    /// Reports, and gives the error to throw.
    mutating func stop(at offset: Int, _ message: String) throws(Stop) -> Stop {
        try report(at: offset, message)
        return Stop()
    }

    private mutating func unfinished(_ what: String, begunAt start: Int) throws(Stop) -> Stop {
        var end = source.bytes.count
        while end > start, source.bytes[end - 1].isJSONWhitespace { end -= 1 }
        let begin = source.position(at: start)
        return try stop(at: end, "the file ends inside the \(what) that begins at line \(begin.line), column \(begin.column)")
    }
}
