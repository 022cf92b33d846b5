// SPDX-License-Identifier: Apache-2.0
//
// What a module says of its type's config, as text that nobody has looked at yet. Here it becomes a schema that can be shown and
// merged, or a sentence that says why it cannot.

/// The JSON Schema (2020-12) of an element type's config.
public struct ConfigSchema: Sendable, Encodable {
    /// An object or a truth value, as JSON Schema has it.
    let root: JSONNode

    /// The text is no schema.
    public struct Malformed: Error, Sendable, Equatable, CustomStringConvertible {
        /// A phrase without a final stop.
        public let reason: String
        public var description: String { reason }
    }

    /// - Parameter text: as a module gives it; empty for a type that gives none, whose configs are any objects.
    public init(_ text: String) throws(Malformed) {
        guard !text.isEmpty else {
            root = ["type": "object"]
            return
        }
        let (root, problems) = JSONParser.parse(SourceText(file: "", bytes: Array(text.utf8)))
        if let problem = problems.first {
            let place = problem.position.map { " at line \($0.line), column \($0.column)" } ?? ""
            throw Malformed(reason: "it is not JSON\(place): \(problem.message)")
        }
        switch root?.value {
        case .object, .bool: self.root = root ?? [:]
        default: throw Malformed(reason: "it is \(root?.summary ?? "nothing"): a schema is an object")
        }
    }

    public func encode(to encoder: any Encoder) throws { try root.encode(to: encoder) }

    /// Whether a config with nothing in it is refused: it has keys that must be there.
    var refusesEmpty: Bool { !(root.child("required")?.elements ?? []).isEmpty }
}

extension JSONNode {
    /// The values of an array; none for any other value.
    var elements: [JSONNode] {
        if case .array(let nodes) = value { nodes } else { [] }
    }

    /// The members of an object; none for any other value.
    var members: [JSONMember] {
        if case .object(let members) = value { members } else { [] }
    }

    /// The text of a string; nil for any other value.
    var text: String? {
        if case .string(let text) = value { text } else { nil }
    }
}
