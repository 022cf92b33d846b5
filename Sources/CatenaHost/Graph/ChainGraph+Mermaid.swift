// SPDX-License-Identifier: Apache-2.0
// The chains in the language of mermaid, which forges and wikis draw where they find it in a ```mermaid block.

internal import CatenaConfig

extension ChainGraph {
    /// A flowchart. Ends in a line feed.
    public var mermaid: String {
        let drawing = GraphDrawing(self)
        var lines = ["flowchart LR"]
        lines += drawing.listeners.map { "  \(ChainGraph.mermaid($0))" }
        for group in drawing.groups { lines += ChainGraph.mermaid(group, indent: "  ") }
        lines += drawing.edges.map { edge in
            let label = edge.label.map { "|\(ChainGraph.mermaidText([$0]))|" } ?? ""
            let arrow =
                switch edge.line {
                case .next: "-->"
                case .use: "==>"
                case .leadsTo: "-.->"
                }
            return "  \(edge.from) \(arrow)\(label) \(edge.to)"
        }
        return lines.map { "\($0)\n" }.joined()
    }

    private static func mermaid(_ group: GraphDrawing.Group, indent: String) -> [String] {
        var lines = ["\(indent)subgraph \(group.id)[\(mermaidText([group.label]))]"]
        lines += group.nodes.map { "\(indent)  \(mermaid($0))" }
        for inner in group.groups { lines += mermaid(inner, indent: indent + "  ") }
        return lines + ["\(indent)end"]
    }

    private static func mermaid(_ node: GraphDrawing.Node) -> String {
        let text = mermaidText(node.label)
        switch node.shape {
        case .element, .nothing: return "\(node.id)[\(text)]"
        case .anchor: return "\(node.id)[[\(text)]]"
        case .listener: return "\(node.id)([\(text)])"
        case .opening: return "\(node.id)>\(text)]"
        }
    }

    /// A quoted label: what mermaid, or the HTML that it becomes, could take for its own is written as a character's number.
    static func mermaidText(_ lines: [String]) -> String {
        let escaped = lines.map { line in
            line.singleLine.unicodeScalars.map { scalar in
                let isPlain = scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || " /:.,-_()[]+=@%~".unicodeScalars.contains(scalar)
                return isPlain ? String(scalar) : "#\(scalar.value);"
            }.joined()
        }
        return "\"\(escaped.joined(separator: "<br/>"))\""
    }
}
