// SPDX-License-Identifier: Apache-2.0
// `catena graph` of real chains; how a graph is spelt is tested beside its source, and .ci/graph.sh lets graphviz draw it.

import Foundation
import Testing

@EndToEnd
@Suite("catena graph")
struct GraphTests {
    nonisolated private static let chains = """
        {
          "chains": {
            "front": {
              "listen": ["tcp://127.0.0.1:0"],
              "elements": [
                { "chain": "prefix" },
                { "element": "clienturl", "config": { "url": "inproc://back" } },
                { "element": "connect", "name": "out", "config": { "client": "client" } }
              ]
            },
            "back": { "listen": ["unix://${SOCKET}"], "elements": ["serialize"] },
            "prefix": { "elements": [{ "element": "updatepath", "config": { "name": "front" } }, "serialize"] },
            "client": { "elements": ["serialize", { "element": "logging", "name": "log" }] },
            "spare": { "elements": ["logging"] }
          }
        }

        """

    @Test("expands splices, marks the anchor, puts client chains under their users and follows URLs within the file")
    func text() throws {
        try Workplace.with { place in
            try place.write(GraphTests.chains, to: "chains.json")
            let result = try Catena.run("graph", in: place, environment: ["SOCKET": "/tmp/b.sock"])
            #expect(result.exit == .status(0), "\(result.errors)")
            #expect(
                result.output == """
                    chain front, served on tcp://127.0.0.1:0
                    ├─ updatepath
                    ├─ serialize [anchor]
                    ├─ clienturl ──▶ back, inproc://back
                    └─ out (connect), through client chain client
                       ├─ serialize
                       └─ log (logging)

                    chain back, served on unix:///tmp/b.sock
                    └─ serialize [anchor]

                    used by no chain that runs: spare

                    """)
        }
    }

    @Test("has all elements in each format", arguments: ["text", "mermaid", "dot"])
    func formats(format: String) throws {
        try Workplace.with { place in
            try place.write(GraphTests.chains, to: "chains.json")
            let result = try Catena.run("graph", "--format", format, in: place, environment: ["SOCKET": "/tmp/b.sock"])
            #expect(result.exit == .status(0), "\(result.errors)")
            for name in ["updatepath", "serialize", "clienturl", "out", "log", "unix:///tmp/b.sock"] {
                #expect(result.output.contains(name), "\(result.output)")
            }
        }
    }

    @Test("refuses what validate refuses, in its words", arguments: ["text", "dot"])
    func refused(format: String) throws {
        try Workplace.with { place in
            try place.write(Chains.chain(#"{ "element": "connect", "config": { "client": "next", "dialTimeout": 5 } }"#), to: "chains.json")
            let graph = try Catena.run("graph", "--format", format, in: place)
            let validate = try Catena.run("validate", in: place)
            #expect(graph.exit == .status(78) && validate.exit == .status(78))
            #expect(graph.output.isEmpty && graph.errors == validate.errors && graph.errors.contains("/dialTimeout: "), "\(graph.errors)")
        }
    }
}
