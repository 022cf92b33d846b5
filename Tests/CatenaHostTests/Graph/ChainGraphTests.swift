// SPDX-License-Identifier: Apache-2.0
// The three spellings of one graph made by hand, with the names that are hardest to spell; graphs of real chains are drawn in the
// end-to-end tests and by .ci/graph.sh.

@testable import CatenaHost
import Testing

@Suite("the graph")
struct ChainGraphTests {
    private static func element(
        _ path: String, type: String? = nil, isAnchor: Bool = false, uses: [ChainGraph.Chain] = [], targets: [ChainGraph.Target] = []
    ) -> ChainGraph.Element {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return ChainGraph.Element(path: path, name: name, type: type ?? name, isAnchor: isAnchor, uses: uses, targets: targets)
    }

    private static let graph = ChainGraph(
        chains: [
            ChainGraph.Chain(name: "endpoint", listen: ["tcp://[::1]:5002", "unix:///run/e.sock"], elements: []),
            ChainGraph.Chain(
                name: "forwarder", listen: ["tcp://127.0.0.1:5001"],
                elements: [
                    element("forwarder/log", type: "logging"), element("forwarder/serialize", isAnchor: true),
                    element(
                        "forwarder/connect",
                        uses: [
                            ChainGraph.Chain(
                                name: "out", listen: [], elements: [element("forwarder/connect/heal"), element("forwarder/connect/last")]),
                            ChainGraph.Chain(name: "none", listen: [], elements: []),
                        ], targets: [ChainGraph.Target(url: "unix:///run/e.sock", chain: "endpoint", listener: 1)]),
                    element("forwarder/end", targets: [ChainGraph.Target(url: "inproc://endpoint", chain: "endpoint", listener: nil)]),
                ]),
        ], unused: ["spare"])

    @Test("as text it is a tree in the order of a Request")
    func text() {
        #expect(
            Self.graph.text == """
                chain endpoint, served on tcp://[::1]:5002, unix:///run/e.sock
                └─ (no element: answers every Request as it came)

                chain forwarder, served on tcp://127.0.0.1:5001
                ├─ log (logging)
                ├─ serialize [anchor]
                ├─ connect, through client chain out, none ──▶ endpoint, unix:///run/e.sock
                │  ├─ client chain out
                │  │  ├─ heal
                │  │  └─ last
                │  └─ client chain none
                │     └─ (no element)
                └─ end ──▶ endpoint, inproc://endpoint

                used by no chain that runs: spare

                """)
    }

    @Test("as dot each chain is a cluster, a client chain one within, and a URL leads to its listener or to the chain's head")
    func dot() {
        #expect(
            Self.graph.dot == """
                digraph catena {
                  rankdir=LR
                  graph [fontname="sans-serif"]
                  node [shape=box fontname="sans-serif"]
                  edge [fontname="sans-serif"]
                  n1 [label="tcp://[::1]:5002" id="tcp://[::1]:5002" tooltip="tcp://[::1]:5002" shape=ellipse]
                  n2 [label="unix:///run/e.sock" id="unix:///run/e.sock" tooltip="unix:///run/e.sock" shape=ellipse]
                  n4 [label="tcp://127.0.0.1:5001" id="tcp://127.0.0.1:5001" tooltip="tcp://127.0.0.1:5001" shape=ellipse]
                  subgraph cluster_chain1 {
                    label="endpoint"
                    n3 [label="no element" style=dotted]
                  }
                  subgraph cluster_chain2 {
                    label="forwarder"
                    n5 [label="log\\nlogging" id="forwarder/log" tooltip="forwarder/log"]
                    n6 [label="serialize\\nanchor" id="forwarder/serialize" tooltip="forwarder/serialize" style=bold]
                    n7 [label="connect" id="forwarder/connect" tooltip="forwarder/connect"]
                    n11 [label="end" id="forwarder/end" tooltip="forwarder/end"]
                    subgraph cluster_chain3 {
                      label="client chain out"
                      n8 [label="heal" id="forwarder/connect/heal" tooltip="forwarder/connect/heal"]
                      n9 [label="last" id="forwarder/connect/last" tooltip="forwarder/connect/last"]
                    }
                    subgraph cluster_chain4 {
                      label="client chain none"
                      n10 [label="no element" style=dotted]
                    }
                  }
                  n1 -> n3
                  n2 -> n3
                  n5 -> n6
                  n6 -> n7
                  n8 -> n9
                  n7 -> n8 [arrowhead=empty]
                  n7 -> n10 [arrowhead=empty]
                  n7 -> n11
                  n4 -> n5
                  n7 -> n2 [style=dashed constraint=false]
                  n11 -> n3 [style=dashed constraint=false label="inproc://endpoint"]
                }

                """)
    }

    @Test("as mermaid it is a flowchart with the same nodes and edges")
    func mermaid() {
        let lines = Self.graph.mermaid.split(separator: "\n").map(String.init)
        #expect(lines.first == "flowchart LR")
        for line in [
            "  n2([\"unix:///run/e.sock\"])", "  subgraph chain2[\"forwarder\"]", "    n5[\"log<br/>logging\"]", "    n6[[\"serialize<br/>anchor\"]]",
            "    subgraph chain3[\"client chain out\"]", "  n5 --> n6", "  n7 ==> n8", "  n7 -.-> n2", "  n11 -.->|\"inproc://endpoint\"| n3",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
        #expect(lines.filter { $0.contains(/^ +n\d+ (-->|==>|-.->)/) }.count == 11)
    }

    @Test("a chain in the client role begins at what it opens, in each format")
    func opens() {
        let graph = ChainGraph(
            chains: [ChainGraph.Chain(name: "client", listen: [], opens: ["icmp", "vl\"3"], elements: [Self.element("client/serialize", isAnchor: true)])],
            unused: [])
        #expect(graph.text == "chain client, opens icmp, vl\"3\n└─ serialize [anchor]\n")
        let dot = graph.dot.split(separator: "\n").map(String.init)
        for line in [
            #"  n1 [label="opens\nicmp" id="client:icmp" tooltip="client:icmp" shape=cds]"#, #"  n2 [label="opens\nvl\"3" id="client:vl\"3" tooltip="client:vl\"3" shape=cds]"#,
            "  n1 -> n3", "  n2 -> n3",
        ] {
            #expect(dot.contains(line), "\(dot)")
        }
        let mermaid = graph.mermaid.split(separator: "\n").map(String.init)
        for line in [#"  n1>"opens<br/>icmp"]"#, "  n1 --> n3", "  n2 --> n3"] { #expect(mermaid.contains(line), "\(mermaid)") }
    }

    @Test(
        "whatever a path holds, no format takes it for its own",
        arguments: [
            (#"/a"b"#, #""unix:///a\"b""#, "unix:///a#34;b", #"unix:///a"b"#),
            (#"/a\N"#, #""unix:///a\\N""#, "unix:///a#92;N", #"unix:///a\N"#),
            ("/a&lt;", #""unix:///a&amp;lt;""#, "unix:///a#38;lt#59;", "unix:///a&lt;"),
            ("/<b>]", #""unix:///<b>]""#, "unix:///#60;b#62;]", "unix:///<b>]"),
            ("/a\n\u{1b}[31m", #""unix:///a\\u{a}\\u{1b}[31m""#, "unix:///a#92;u#123;a#125;#92;u#123;1b#125;[31m", #"unix:///a\u{a}\u{1b}[31m"#),
            ("/é漢#`", "\"unix:///é漢#`\"", "unix:///é漢#35;#96;", "unix:///é漢#`"),
        ])
    func escaped(path: String, dot: String, mermaid: String, text: String) {
        let graph = ChainGraph(chains: [ChainGraph.Chain(name: "a", listen: ["unix://\(path)"], elements: [])], unused: [])
        #expect(graph.dot.contains("n1 [label=\(dot) "), "\(graph.dot)")
        #expect(graph.mermaid.contains("  n1([\"\(mermaid)\"])\n"), "\(graph.mermaid)")
        #expect(graph.text.hasPrefix("chain a, served on \(text)\n"), "\(graph.text)")
    }
}
