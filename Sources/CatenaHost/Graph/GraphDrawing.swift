// SPDX-License-Identifier: Apache-2.0
// What mermaid and dot have in common: boxes in groups, and arrows between them. The chains become such a drawing once, with
// names that are plain in both languages; how it is spelt is each language's own.

/// Nodes in nested groups, and edges.
struct GraphDrawing {
    enum Shape { case element, anchor, listener, opening, nothing }
    enum Line { case next, use, leadsTo }

    struct Node {
        /// Letters and digits.
        let id: String
        let label: [String]
        let shape: Shape
        /// The instance, the URL of a listener, or chain and network service of what is opened.
        let path: String
    }

    struct Group {
        let id: String
        let label: String
        var nodes: [Node] = []
        var groups: [Group] = []
    }

    struct Edge {
        let from: String
        let to: String
        let line: Line
        let label: String?
    }

    /// Outside of all chains: where calls come in, and what makes a chain begin its own.
    private(set) var listeners: [Node] = []
    private(set) var groups: [Group] = []
    private(set) var edges: [Edge] = []
    private var nodeCount = 0
    private var groupCount = 0

    init(_ graph: ChainGraph) {
        var heads: [String: String] = [:]
        var doors: [String: [String]] = [:]
        var targets: [(from: String, target: ChainGraph.Target)] = []
        for chain in graph.chains {
            let doorNodes = chain.listen.map { node([$0], .listener, $0) }
            listeners += doorNodes
            doors[chain.name] = doorNodes.map(\.id)
            let openings = chain.opens.map { node(["opens", $0], .opening, "\(chain.name):\($0)") }
            listeners += openings
            let (group, head) = group(chain, label: chain.name, &targets)
            groups.append(group)
            heads[chain.name] = head
            for door in doorNodes + openings { edges.append(Edge(from: door.id, to: head, line: .next, label: nil)) }
        }
        for (from, target) in targets {
            let door = target.listener.flatMap { number in doors[target.chain].flatMap { $0.indices.contains(number) ? $0[number] : nil } }
            guard let to = door ?? heads[target.chain] else { continue }
            edges.append(Edge(from: from, to: to, line: .leadsTo, label: door == nil ? target.url : nil))
        }
    }

    private mutating func group(
        _ chain: ChainGraph.Chain, label: String, _ targets: inout [(from: String, target: ChainGraph.Target)]
    ) -> (group: Group, head: String) {
        groupCount += 1
        var group = Group(id: "chain\(groupCount)", label: label)
        for element in chain.elements {
            let kind = element.name == element.type ? [] : [element.type]
            let made = node([element.name] + kind + (element.isAnchor ? ["anchor"] : []), element.isAnchor ? .anchor : .element, element.path)
            if let before = group.nodes.last { edges.append(Edge(from: before.id, to: made.id, line: .next, label: nil)) }
            group.nodes.append(made)
            targets += element.targets.map { (made.id, $0) }
            for use in element.uses {
                let (inner, head) = self.group(use, label: "client chain \(use.name)", &targets)
                group.groups.append(inner)
                edges.append(Edge(from: made.id, to: head, line: .use, label: nil))
            }
        }
        if group.nodes.isEmpty { group.nodes.append(node(["no element"], .nothing, "")) }
        return (group, group.nodes[0].id)
    }

    private mutating func node(_ label: [String], _ shape: Shape, _ path: String) -> Node {
        nodeCount += 1
        return Node(id: "n\(nodeCount)", label: label, shape: shape, path: path)
    }
}
