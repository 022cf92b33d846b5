// SPDX-License-Identifier: Apache-2.0
// A Request for another endpoint, below serialize: what the next hop sees of it, and how long connect keeps what was there. Only then
// can a client chain's element go on trying.
internal import CatenaElement
internal import CatenaElementTesting
internal import ConnectElement
internal import SerializeElement
internal import Testing

@Suite("Another endpoint")
struct ReselectTests {
    private let url: Neighbour
    private let client = Neighbour("client")

    init() throws { url = Neighbour("url", values: [.provides(.clientURL, try ClientURL("tcp://a:1"), kept: true)]) }

    /// Each leg has a transport of its own, so that they can be counted.
    private func run(_ form: ElementForm, _ body: (ChainBench) throws -> Void) async throws {
        let connect = BenchElement.element(ConnectElement.self, form, config: ["client": "out", "share": "connection"])
        try await ChainBench.run(
            [.element(SerializeElement.self, form), .neighbour(url), connect], clients: ["out": [.neighbour(client)]]
        ) { bench in
            bench.nextHop.script(.request, .answer { $0.mechanism = "MEMIF" })
            #expect(request(bench).isGood)
            try body(bench)
        }
    }

    private func request(_ bench: ChainBench, _ state: ConnectionState = .up) -> BenchCall {
        bench.request {
            $0.segments = [.init(name: "fwd", id: "id")]
            $0.state = state
        }
    }

    private func verbs(_ bench: ChainBench) -> [HookName] { bench.nextHop.calls.map(\.verb) }

    @Test("the old half is closed once, however often another is tried, and the leg stays", arguments: ElementForm.allCases)
    func once(form: ElementForm) async throws {
        try await run(form) { bench in
            bench.nextHop.script(.request, .refuse(.unavailable, "a"), .refuse(.unavailable, "b"), .answer { $0.endpoint = "nse-2" })
            #expect([request(bench, .reselectRequested).code, request(bench, .reselectRequested).code] == [.unavailable, .unavailable])
            #expect(request(bench, .reselectRequested).message?.endpoint == "nse-2")
            #expect(verbs(bench) == [.request, .close, .request, .request, .request])
            #expect(client.sights(.close).map(\.reason) == [.reselect])
            #expect(bench.nextHop.calls[2...].allSatisfy { $0.message.mechanism == nil })
            #expect(bench.nextHop.transports.map(\.isClosed) == [false])
        }
    }

    @Test("when another was found, all is as before: the next one is closed as well, and a Close closes it", arguments: ElementForm.allCases)
    func again(form: ElementForm) async throws {
        try await run(form) { bench in
            #expect(request(bench, .reselectRequested).isGood && request(bench).isGood)
            #expect(bench.nextHop.calls.last?.message.mechanism == "MEMIF")
            #expect(request(bench, .reselectRequested).isGood && bench.close().isGood)
            #expect(verbs(bench) == [.request, .close, .request, .request, .close, .request, .close])
            #expect(bench.nextHop.open.isEmpty)
        }
    }

    @Test("a Close finds nothing to close while another is looked for", arguments: ElementForm.allCases)
    func closed(form: ElementForm) async throws {
        try await run(form) { bench in
            bench.nextHop.script(.request, .refuse(.unavailable, "a"))
            _ = request(bench, .reselectRequested)
            #expect(bench.close().isGood && bench.nextHop.count(.close) == 1)
            #expect(bench.nextHop.open.isEmpty)
        }
    }

    @Test("what the next hop may still have is closed by the Close: it did not hear of the first one", arguments: ElementForm.allCases)
    func unheard(form: ElementForm) async throws {
        try await run(form) { bench in
            bench.nextHop.script(.close, .unreachable("x"), .accept)
            bench.nextHop.script(.request, .refuse(.unavailable, "a"))
            _ = [request(bench, .reselectRequested), request(bench, .reselectRequested)]
            #expect(verbs(bench) == [.request, .close, .request, .request])
            #expect(bench.close().isGood && bench.nextHop.count(.close) == 2 && bench.nextHop.open.isEmpty)
        }
    }

    @Test("what the next hop may have of a Request is closed by the Close: its answer was lost", arguments: ElementForm.allCases)
    func lost(form: ElementForm) async throws {
        try await run(form) { bench in
            bench.nextHop.script(.request, .lost("x"), .refuse(.unavailable, "a"))
            _ = [request(bench, .reselectRequested), request(bench, .reselectRequested)]
            #expect(bench.close().isGood && verbs(bench) == [.request, .close, .request, .request, .close])
        }
    }

    @Test("a Request that only wants to go on opens anew as well", arguments: ElementForm.allCases)
    func plain(form: ElementForm) async throws {
        try await run(form) { bench in
            bench.nextHop.script(.request, .refuse(.unavailable, "a"), .accept)
            _ = request(bench, .reselectRequested)
            #expect(request(bench).isGood && bench.nextHop.calls.last?.message.mechanism == nil)
            #expect(bench.close().isGood && bench.nextHop.count(.close) == 2)
        }
    }

    @Test("at another URL the old leg is dropped and not closed again", arguments: ElementForm.allCases)
    func moved(form: ElementForm) async throws {
        try await run(form) { bench in
            url.provide(.clientURL, try ClientURL("tcp://b:1"))
            bench.nextHop.script(.request, .refuse(.unavailable, "a"), .accept)
            #expect(request(bench, .reselectRequested).code == .unavailable)
            #expect(bench.nextHop.open == ["tcp://a:1"])
            #expect(request(bench, .reselectRequested).isGood)
            #expect(bench.nextHop.calls.map(\.url) == ["tcp://a:1", "tcp://a:1", "tcp://b:1", "tcp://b:1"])
            #expect(bench.nextHop.open == ["tcp://b:1"])
        }
    }
}
