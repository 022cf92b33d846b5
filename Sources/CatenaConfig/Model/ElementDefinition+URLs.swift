// SPDX-License-Identifier: Apache-2.0
//
// Where a config says its calls go. Which of its keys means that is the type's business; but a value that is an address is one
// under any key, and whoever draws the chains only asks whether it is one of ours.

extension ElementDefinition {
    /// Every value in the config, however deep, that is a URL of an NSM server, in the order of the file, each once.
    public var urls: [EndpointURL] {
        var found: [EndpointURL] = []
        if let config { ElementDefinition.collect(config, in: &found) }
        return found
    }

    private static func collect(_ node: JSONNode, in found: inout [EndpointURL]) {
        switch node.value {
        case .string(let text):
            if let url = try? EndpointURL(text), !found.contains(url) { found.append(url) }
        case .array(let nodes):
            for node in nodes { collect(node, in: &found) }
        case .object(let members):
            for member in members where !member.key.hasNotePrefix { collect(member.value, in: &found) }
        case .null, .bool, .number:
            break
        }
    }
}
