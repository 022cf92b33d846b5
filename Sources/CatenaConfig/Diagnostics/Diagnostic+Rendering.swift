// SPDX-License-Identifier: Apache-2.0
//
// The form of compilers, `file:line:column: error: …`, because editors, terminals and CI already know how to jump to it.
// The JSON form has the same facts and no excerpt, for programs that show the file themselves.

extension Diagnostic: CustomStringConvertible {
    /// `file:line:column: error: pointer: message`, then the source line and a caret; no final line feed.
    public var description: String {
        var text = file.singleLine
        if let position { text += ":\(position.line):\(position.column)" }
        text += ": \(severity.rawValue): "
        if !pointer.isEmpty { text += "\(pointer.shortened(to: 300).singleLine): " }
        text += message.singleLine
        if let excerpt, !excerpt.line.isEmpty { text += "\n\(excerpt.line)\n\(excerpt.indent)^" }
        return text
    }
}

extension Sequence<Diagnostic> {
    /// All diagnostics as people read them, one under the other, each ended by a line feed.
    public func renderedText() -> String {
        map { "\($0)\n" }.joined()
    }

    /// A JSON array of objects with the keys severity, file, line, column, pointer and message, and a final line feed.
    ///
    /// `line` and `column` are null where the problem is the file as a whole.
    public func renderedJSON() -> String {
        let objects = map { diagnostic in
            var text = "  {\"severity\":"
            text += JSONText.string(diagnostic.severity.rawValue)
            text += ",\"file\":" + JSONText.string(diagnostic.file)
            text += ",\"line\":" + (diagnostic.position.map { String($0.line) } ?? "null")
            text += ",\"column\":" + (diagnostic.position.map { String($0.column) } ?? "null")
            text += ",\"pointer\":" + JSONText.string(diagnostic.pointer)
            text += ",\"message\":" + JSONText.string(diagnostic.message) + "}"
            return text
        }
        return objects.isEmpty ? "[]\n" : "[\n\(objects.joined(separator: ",\n"))\n]\n"
    }
}
