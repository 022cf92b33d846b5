// SPDX-License-Identifier: Apache-2.0
// The chains in the language of graphviz: `catena graph --format dot | dot -Tsvg`. Every node's id is its instance, so that a
// page can find it in the picture.

internal import CatenaConfig

extension ChainGraph {
    /// A digraph. Ends in a line feed.
    public var dot: String {
        let drawing = GraphDrawing(self)
        var lines = [
            "digraph catena {", "  rankdir=LR", "  graph [fontname=\"sans-serif\"]", "  node [shape=box fontname=\"sans-serif\"]",
            "  edge [fontname=\"sans-serif\"]",
        ]
        lines += drawing.listeners.map { "  \(ChainGraph.dot($0))" }
        for group in drawing.groups { lines += ChainGraph.dot(group, indent: "  ") }
        lines += drawing.edges.map { edge in
            var attributes: [String] = []
            switch edge.line {
            case .next: break
            case .use: attributes.append("arrowhead=empty")
            case .leadsTo: attributes += ["style=dashed", "constraint=false"]
            }
            if let label = edge.label { attributes.append("label=\(ChainGraph.dotText([label]))") }
            return "  \(edge.from) -> \(edge.to)" + (attributes.isEmpty ? "" : " [\(attributes.joined(separator: " "))]")
        }
        return (lines + ["}"]).map { "\($0)\n" }.joined()
    }

    private static func dot(_ group: GraphDrawing.Group, indent: String) -> [String] {
        var lines = ["\(indent)subgraph cluster_\(group.id) {", "\(indent)  label=\(dotText([group.label]))"]
        lines += group.nodes.map { "\(indent)  \(dot($0))" }
        for inner in group.groups { lines += dot(inner, indent: indent + "  ") }
        return lines + ["\(indent)}"]
    }

    private static func dot(_ node: GraphDrawing.Node) -> String {
        let id = node.path.isEmpty ? "" : " id=\(dotText([node.path])) tooltip=\(dotText([node.path]))"
        let shape =
            switch node.shape {
            case .element: ""
            case .anchor: " style=bold"
            case .listener: " shape=ellipse"
            case .opening: " shape=cds"
            case .nothing: " style=dotted"
            }
        return "\(node.id) [label=\(dotText(node.label))\(id)\(shape)]"
    }

    /// A quoted string: `\` begins an escape in it, and `&` an entity, so neither may stand for itself.
    static func dotText(_ lines: [String]) -> String {
        let escaped = lines.map { line in
            line.singleLine.map { character -> String in
                switch character {
                case "\\": "\\\\"
                case "\"": "\\\""
                case "&": "&amp;"
                default: String(character)
                }
            }.joined()
        }
        return "\"\(escaped.joined(separator: "\\n"))\""
    }
}
