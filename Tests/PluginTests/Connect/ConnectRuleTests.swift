// SPDX-License-Identifier: Apache-2.0
// What the config of `connect` decides: whose business the mechanism is, and who shares a transport.
internal import CatenaElement
internal import CatenaElementTesting
internal import ConnectElement
internal import Testing

@Suite("connect: rules")
struct ConnectRuleTests {
    private let url: Neighbour

    init() throws { url = Neighbour("url", values: [.provides(.clientURL, try ClientURL("tcp://a:1"), kept: true)]) }

    private func run(_ form: ElementForm, _ config: ConfigText, _ body: (ChainBench) throws -> Void) async throws {
        let connect = BenchElement.element(ConnectElement.self, form, config: config)
        try await ChainBench.run([.anchor, .neighbour(url), connect], clients: ["out": []], body)
    }

    @Test("each side has its own mechanism, and preferences stay here", arguments: ElementForm.allCases)
    func own(form: ElementForm) async throws {
        try await run(form, ["client": "out"]) { bench in
            bench.nextHop.script(.request, .answer { $0.mechanism = "MEMIF" })
            for _ in 0..<2 {
                let answer = try #require(
                    bench.request { message in
                        message.mechanism = "KERNEL"
                        message.preferences = ["KERNEL", "VXLAN"]
                    }.message)
                #expect(answer.mechanism == "KERNEL")
            }
            #expect(bench.nextHop.calls.map(\.message.mechanism) == [nil, "MEMIF"])
            #expect(bench.nextHop.calls.map(\.message.preferences) == [[], []])
        }
    }

    @Test("with pass, mechanism and preferences go through both ways", arguments: ElementForm.allCases)
    func pass(form: ElementForm) async throws {
        try await run(form, ["client": "out", "mechanism": "pass"]) { bench in
            bench.nextHop.script(.request, .answer { $0.mechanism = "VXLAN" })
            for mechanism in [nil, "KERNEL"] {
                let answer = try #require(
                    bench.request { message in
                        message.mechanism = mechanism
                        message.preferences = ["KERNEL", "VXLAN"]
                    }.message)
                #expect(answer.mechanism == "VXLAN")
            }
            #expect(bench.nextHop.calls.map(\.message.mechanism) == [nil, "KERNEL"])
            #expect(bench.nextHop.calls.map(\.message.preferences) == [["KERNEL", "VXLAN"], ["KERNEL", "VXLAN"]])
        }
    }

    @Test("connections to one URL share a transport, unless each is to have its own", arguments: ElementForm.allCases, ["url", "connection"])
    func share(form: ElementForm, share: String) async throws {
        try await run(form, ConfigText("{\"client\": \"out\", \"share\": \"\(share)\"}")) { bench in
            for id in ["a", "b", "c"] { #expect(bench.request { $0.id = id }.isGood) }
            #expect(bench.nextHop.transports.count == (share == "url" ? 1 : 3))
            for id in ["a", "b", "c"] { #expect(bench.close { $0.id = id }.isGood) }
            #expect(!bench.nextHop.transports.contains { !$0.isClosed })
        }
    }
}
