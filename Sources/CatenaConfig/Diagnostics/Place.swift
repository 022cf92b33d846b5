// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a value is often found long after it was read: the library is missing, the address is taken.
// A place keeps what is needed to say so at the right line, and costs a few words in the model.

/// Where a value of the configuration is written; makes diagnostics that point there.
public struct Place: Sendable {
    let source: SourceText
    let path: JSONPointer
    let offset: Int

    /// The JSON pointer of the value, such as `/chains/forwarder/listen/0`.
    public var pointer: String { path.description }

    /// Line and column of the value.
    public var position: SourcePosition { source.position(at: offset) }

    /// A problem at this place. The message is a sentence without a final stop.
    public func diagnostic(severity: Diagnostic.Severity = .error, message: String) -> Diagnostic {
        Diagnostic(severity: severity, source: source, offset: offset, pointer: path, message: message)
    }

    /// For use inside a sentence: `chains.json:7:15 (/chains/a/listen/0)`.
    var reference: String {
        let position = position
        return "\(source.file):\(position.line):\(position.column) (\(pointer))"
    }
}
