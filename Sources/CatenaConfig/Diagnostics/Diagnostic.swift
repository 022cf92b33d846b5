// SPDX-License-Identifier: Apache-2.0
//
// One problem, told twice: to a person as a compiler would, and to a program as a JSON object.
// The excerpt of the source is taken when the diagnostic is made, so it still prints when the file has changed or gone.

/// One problem of a configuration: where it is, what is wrong, and how to put it right.
public struct Diagnostic: Sendable, Equatable {
    /// How bad it is. Any error keeps the configuration from being used; a warning does not.
    public enum Severity: String, Sendable {
        case error
        case warning
    }

    public let severity: Severity
    /// The file as the user named it.
    public let file: String
    /// Where in the file, or nil when the problem is the file as a whole.
    public let position: SourcePosition?
    /// The JSON pointer (RFC 6901) of the value, such as `/chains/forwarder/elements/5`; empty for the whole document.
    public let pointer: String
    /// A sentence without a final stop.
    public let message: String
    let excerpt: SourceExcerpt?

    /// Bytes of the parts that can be of any length.
    var size: Int { pointer.utf8.count + message.utf8.count }

    /// A problem that has no place in a text, such as a file that cannot be read.
    public init(severity: Severity, file: String, pointer: String = "", message: String) {
        self.severity = severity
        self.file = file
        self.position = nil
        self.pointer = pointer
        self.message = message
        self.excerpt = nil
    }

    init(severity: Severity, source: SourceText, offset: Int, pointer: JSONPointer, message: String) {
        self.severity = severity
        self.file = source.file
        self.position = source.position(at: offset)
        self.pointer = pointer.description
        self.message = message
        self.excerpt = SourceExcerpt(of: source, at: offset)
    }
}

extension Sequence<Diagnostic> {
    /// In the order of the file: by file, line, column, pointer; those without a position first.
    public func sortedByPosition() -> [Diagnostic] {
        let start = SourcePosition(line: 0, column: 0)
        return sorted { left, right in
            if left.file != right.file { return left.file < right.file }
            let (here, there) = (left.position ?? start, right.position ?? start)
            if here != there { return here < there }
            return (left.pointer, left.message) < (right.pointer, right.message)
        }
    }
}
