// SPDX-License-Identifier: Apache-2.0
// A transport that an element declares dead, as the third requirement document asks it of connect: newcomers get another one, and a
// refresh that meets it dials again inside the same Request.
internal import CatenaElement
internal import CatenaElementTesting
internal import ConnectElement
internal import HealthCheckElement
internal import Testing

@Suite("healthcheck")
struct HealthCheckTests {
    private let url: Neighbour

    init() throws { url = Neighbour("url", values: [.provides(.clientURL, try ClientURL("tcp://a:1"), kept: true)]) }

    private func run(_ form: ElementForm, config: ConfigText = .empty, _ body: (ChainBench) throws -> Void) async throws {
        let elements: [BenchElement] = [.anchor, .neighbour(url), .element(ConnectElement.self, form, config: ["client": "out"])]
        try await ChainBench.run(elements, clients: ["out": [.element(HealthCheckElement.self, form, config: config)]], body)
    }

    @Test("a next hop that is not well any more loses its transport: a refresh dials again and succeeds", arguments: ElementForm.allCases)
    func down(form: ElementForm) async throws {
        try await run(form) { bench in
            for id in ["a", "b"] { #expect(bench.request(id).isGood) }
            #expect(bench.nextHop.transports.count == 1 && bench.nextHop.streams == [.health("")])
            bench.nextHop.turns(isServing: false)
            bench.run()
            #expect(bench.logLines.filter { $0.text == "the next hop is not well: its transport is retired" }.count == 1)
            #expect(bench.request("a").isGood)
            // The one that b holds is usable as long as b holds it.
            #expect(bench.nextHop.transports.map(\.isClosed) == [false, false])
            #expect(bench.request("b").isGood && bench.nextHop.transports.map(\.isClosed) == [true, false])
            #expect(bench.nextHop.count(.request) == 4 && bench.nextHop.count(.close) == 0)
        }
    }

    @Test("a health stream that is lost is as bad", arguments: ElementForm.allCases)
    func lost(form: ElementForm) async throws {
        try await run(form, config: ["service": "networkservice.NetworkService"]) { bench in
            bench.request()
            #expect(bench.nextHop.streams == [.health("networkservice.NetworkService")])
            bench.nextHop.loses()
            bench.run()
            bench.nextHop.comesBack()
            #expect(bench.request().isGood && bench.nextHop.transports.map(\.isClosed) == [true, false])
            #expect(bench.nextHop.streams.count == 1)
        }
    }

    @Test("one that was never well keeps its transport, and so does one without the health protocol", arguments: ElementForm.allCases, [true, false])
    func never(form: ElementForm, hasHealth: Bool) async throws {
        try await run(form) { bench in
            bench.nextHop.hasHealth = hasHealth
            bench.nextHop.turns(isServing: false)
            for _ in 0..<3 { #expect(bench.request().isGood) }
            bench.nextHop.loses()
            bench.advance(by: .seconds(1))
            #expect(bench.request().isGood && bench.nextHop.transports.count == 1)
        }
    }

    @Test("what became well again is watched again", arguments: ElementForm.allCases)
    func again(form: ElementForm) async throws {
        try await run(form) { bench in
            bench.request()
            for round in 1...3 {
                bench.nextHop.turns(isServing: false)
                bench.run()
                bench.nextHop.turns(isServing: true)
                #expect(bench.request().isGood && bench.nextHop.transports.count == round + 1)
            }
            #expect(bench.close().isGood && bench.nextHop.open.isEmpty && bench.nextHop.streams.isEmpty)
        }
    }

    @Test("without an anchor it refuses to load", arguments: ElementForm.allCases)
    func anchor(form: ElementForm) async throws {
        await #expect(throws: BenchError.self) {
            try await ChainBench.run([.element(HealthCheckElement.self, form)]) { _ in }
        }
    }
}
