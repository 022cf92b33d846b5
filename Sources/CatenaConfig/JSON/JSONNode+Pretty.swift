// SPDX-License-Identifier: Apache-2.0
//
// JSON for people: what fits on a line stays on it, as they would write it themselves.
// The order of keys is kept, because whoever made the tree chose it.

extension JSONNode {
    /// Lines that are longer are broken, where they can be.
    static let prettyWidth = 120

    /// The value as indented JSON, without a final line feed.
    var prettyText: String { pretty(indent: "", before: 0) }

    /// On one line, with a space after each `:` and `,`.
    var lineText: String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let text): text
        case .string(let text): JSONText.string(text)
        case .array(let nodes): "[" + nodes.map(\.lineText).joined(separator: ", ") + "]"
        case .object(let members):
            members.isEmpty ? "{}" : "{ " + members.map { "\(JSONText.string($0.key)): \($0.value.lineText)" }.joined(separator: ", ") + " }"
        }
    }

    /// - Parameter before: characters that stand before the value on its line.
    private func pretty(indent: String, before: Int) -> String {
        let line = lineText
        if indent.utf8.count + before + line.utf8.count <= JSONNode.prettyWidth { return line }
        let inner = indent + "  "
        switch value {
        case .array(let nodes) where !nodes.isEmpty:
            let items = nodes.map { inner + $0.pretty(indent: inner, before: 0) }
            return "[\n\(items.joined(separator: ",\n"))\n\(indent)]"
        case .object(let members) where !members.isEmpty:
            let items = members.map { member in
                let key = "\(JSONText.string(member.key)): "
                return inner + key + member.value.pretty(indent: inner, before: key.utf8.count)
            }
            return "{\n\(items.joined(separator: ",\n"))\n\(indent)}"
        case .null, .bool, .number, .string, .array, .object:
            return line
        }
    }
}
