// SPDX-License-Identifier: Apache-2.0
// The chains as a tree for a terminal: read downwards it is the order in which a Request meets the elements. No colours, so it
// is the same in a pipe.

internal import CatenaConfig

extension ChainGraph {
    /// A tree for each chain that is served or opens connections. Ends in a line feed.
    public var text: String {
        var lines: [String] = []
        for chain in chains {
            if !lines.isEmpty { lines.append("") }
            let role = chain.opens.isEmpty ? "served on \(chain.listen.joined(separator: ", "))" : "opens \(chain.opens.joined(separator: ", "))"
            lines.append("chain \(chain.name), \(role)")
            lines += ChainGraph.tree(chain.elements, indent: "")
            if chain.elements.isEmpty { lines.append("└─ (no element: answers every Request as it came)") }
        }
        if !unused.isEmpty { lines += ["", "used by no chain that runs: \(unused.joined(separator: ", "))"] }
        return lines.map { "\($0.singleLine)\n" }.joined()
    }

    private static func tree(_ elements: [Element], indent: String) -> [String] {
        branches(elements.map { ($0, caption($0)) }, indent: indent) { element, below in
            guard let use = element.uses.first, element.uses.count == 1 else {
                return branches(element.uses.map { ($0, "client chain \($0.name)") }, indent: below) { inside($0, indent: $1) }
            }
            return inside(use, indent: below)
        }
    }

    private static func inside(_ chain: Chain, indent: String) -> [String] {
        chain.elements.isEmpty ? ["\(indent)└─ (no element)"] : tree(chain.elements, indent: indent)
    }

    private static func branches<Item>(
        _ items: [(Item, caption: String)], indent: String, below: (Item, _ indent: String) -> [String]
    ) -> [String] {
        items.enumerated().flatMap { index, item in
            let isLast = index == items.count - 1
            return [indent + (isLast ? "└─ " : "├─ ") + item.caption] + below(item.0, indent + (isLast ? "   " : "│  "))
        }
    }

    private static func caption(_ element: Element) -> String {
        var caption = element.name == element.type ? element.name : "\(element.name) (\(element.type))"
        if element.isAnchor { caption += " [anchor]" }
        if !element.uses.isEmpty { caption += ", through client chain \(element.uses.map(\.name).joined(separator: ", "))" }
        for target in element.targets { caption += " ──▶ \(target.chain), \(target.url)" }
        return caption
    }
}
