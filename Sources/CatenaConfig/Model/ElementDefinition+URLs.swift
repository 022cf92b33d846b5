// SPDX-License-Identifier: Apache-2.0
//
// What a config means only its module knows; but a text that can be nothing else than a URL of ours is known to be one.
// Whoever knows all chains can so look across elements without asking a module.

extension ElementDefinition {
    /// A URL that stands in the config as a string of its own.
    public struct URLText: Sendable {
        /// Relative to the config; for ``diagnostic(severity:pointer:message:)``.
        public let pointer: String
        public let url: EndpointURL
    }

    /// Every string of the config, at any depth, that is a whole URL, in the order of the file.
    public var urls: [URLText] {
        var found: [URLText] = []
        if let config { ElementDefinition.collect(config, at: .root, into: &found) }
        return found
    }

    private static func collect(_ node: JSONNode, at path: JSONPointer, into found: inout [URLText]) {
        switch node.value {
        case .null, .bool, .number: return
        case .string(let text):
            if let url = try? EndpointURL(text) { found.append(URLText(pointer: path.description, url: url)) }
        case .array(let nodes):
            for (index, node) in nodes.enumerated() { collect(node, at: path.appending(index), into: &found) }
        case .object(let members):
            for member in members where !member.key.hasNotePrefix {
                collect(member.value, at: path.appending(member.key), into: &found)
            }
        }
    }
}
