// SPDX-License-Identifier: Apache-2.0
//
// What chains.json says, as values that have passed every check which needs no module: whoever holds one holds a sound file.
// Paths stay as written; the loader resolves them against the folder of the file.

/// A chains.json that has been read and checked.
public struct ChainsFile: Sendable {
    /// The file as the user named it.
    public let path: String
    /// Folders to look for modules in, in order, relative to the folder of the file. Empty unless set.
    public let modulePath: [String]
    /// Every element must say which library it means by its hash. False unless set.
    public let requirePins: Bool
    /// How long a Close may take, counted apart from its caller's deadline. More than zero; 30 s unless set.
    public let closeTimeout: Duration
    /// How long a host that stops waits for calls in flight. Zero means not at all; 30 s unless set.
    public let drainTimeout: Duration
    /// In the order of the file; at least one is served or opens connections.
    public let chains: [ChainDefinition]

    let source: SourceText
    let root: JSONNode

    /// The chain of this name, or nil.
    public func chain(named name: String) -> ChainDefinition? { chains.first { $0.name == name } }

    /// A problem anywhere in the file, by its absolute JSON pointer; the caret is at the nearest value that exists.
    public func diagnostic(severity: Diagnostic.Severity = .error, pointer: String, message: String) -> Diagnostic {
        let path = JSONPointer(pointer) ?? .root
        let offset = root.nearest(to: path).span.lowerBound
        return Diagnostic(severity: severity, source: source, offset: offset, pointer: path, message: message)
    }
}
