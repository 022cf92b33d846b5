// SPDX-License-Identifier: Apache-2.0
// What the README shows of chains.json is given to the program: the chain it declares is a good one, and the error it prints is
// the error. Its commands are run by .ci/docs.sh, in a fresh clone.

import Foundation
import Testing

@EndToEnd
@Suite("the top README")
struct TopReadmeTests {
    private let blocks: [String]

    init() throws {
        let text = try String(contentsOfFile: "\(Catena.package)/README.md", encoding: .utf8)
        blocks = text.components(separatedBy: "\n```").enumerated().filter { $0.offset % 2 == 1 }.map { block in
            // The first line is what stands after the fence: the language, or nothing.
            String(block.element.drop { $0 != "\n" }.dropFirst()) + "\n"
        }
    }

    private var chains: String { get throws { try #require(blocks.first { $0.contains("\"chains\"") }) } }

    @Test("declares a chain that validate accepts")
    func goodChain() throws {
        try Workplace.with { place in
            try place.write(try chains, to: "chains.json")
            let result = try Catena.run("validate", in: place)
            #expect(result.exit == .status(0), "\(result.errors)")
        }
    }

    @Test("prints the error that the mistake it speaks of has")
    func mistake() throws {
        try Workplace.with { place in
            let good = try chains
            let mistaken = good.replacingOccurrences(of: "\"dialTimeout\": \"5s\"", with: "\"dialTimeout\": 5")
            try #require(mistaken != good)
            try place.write(mistaken, to: "chains.json")
            let result = try Catena.run("validate", in: place)
            #expect(result.exit == .status(78))
            #expect(blocks.contains(result.errors), "\(result.errors)")
        }
    }

    @Test("shows the graph of the shipped chains, and the page of a shipped module")
    func pictures() throws {
        try Workplace.with { place in
            let graph = try Catena.run("graph", "--config", "\(Catena.package)/chains.json", in: place)
            #expect(graph.exit == .status(0) && blocks.contains(graph.output), "\(graph.output)")
            // Where the library lies differs from build to build.
            let page = try Catena.run("inspect", "connect", in: place).output.split(separator: "\n")
            let shown = try #require(blocks.first { $0.hasPrefix("connect ") }).split(separator: "\n")
            #expect(page.filter { !$0.hasPrefix("  module ") } == shown.filter { !$0.hasPrefix("  module ") }, "\(page)")
            #expect(page.count == shown.count && page.count > 10)
        }
    }
}
