// SPDX-License-Identifier: Apache-2.0
// Closes that are not one of what is open: of a connection that this host does not know, and again after one that failed. The anchor
// is serialize, which sends them.
internal import CatenaElement
internal import CatenaElementTesting
internal import ConnectElement
internal import SerializeElement
internal import Testing

@Suite("connect: other Closes")
struct ConnectCloseTests {
    private let url: Neighbour
    private let below = Neighbour("below")

    init() throws { url = Neighbour("url", values: [.provides(.clientURL, try ClientURL("tcp://a:1"), kept: true)]) }

    private func run(_ form: ElementForm, _ config: ConfigText = .empty, _ body: (ChainBench) throws -> Void) async throws {
        let serialize = BenchElement.element(SerializeElement.self, form, config: config)
        let connect = BenchElement.element(ConnectElement.self, form, config: ["client": "out"])
        try await ChainBench.run([serialize, .neighbour(url), connect, .neighbour(below)], clients: ["out": []], body)
    }

    @Test("a Close that failed is tried again at the next hop, with the last connection, until it succeeds", arguments: ElementForm.allCases)
    func again(form: ElementForm) async throws {
        try await run(form) { bench in
            bench.nextHop.script(.request, .answer { $0.mechanism = "MEMIF" })
            #expect(bench.request().isGood)
            bench.nextHop.script(.close, .refuse(.unavailable, "x"))
            #expect(bench.close().code == .unavailable && bench.nextHop.transports.map(\.isClosed) == [false])
            bench.nextHop.script(.close, .accept)
            bench.advance(by: .seconds(1))
            let closes = bench.nextHop.calls.filter { $0.verb == .close }
            #expect(closes.count == 2 && closes.allSatisfy { $0.message.mechanism == "MEMIF" })
            #expect(bench.nextHop.open.isEmpty && bench.nextHop.transports.map(\.isClosed) == [true] && bench.connectionCount == 0)
        }
    }

    @Test("a Request that comes before the next try opens it anew, over the same leg", arguments: ElementForm.allCases)
    func requestedAgain(form: ElementForm) async throws {
        try await run(form) { bench in
            #expect(bench.request().isGood)
            bench.nextHop.script(.close, .refuse(.unavailable, "x"))
            _ = bench.close()
            bench.nextHop.script(.close, .accept)
            #expect(bench.request().isGood)
            bench.advance(by: .seconds(60))
            #expect(bench.nextHop.count(.close) == 1 && bench.nextHop.transports.map(\.isClosed) == [false])
            #expect(bench.close().isGood && bench.nextHop.open.isEmpty && bench.nextHop.transports.map(\.isClosed) == [true])
        }
    }

    @Test("a Close that the anchor forwards goes on to the client URL, on a leg of its own", arguments: ElementForm.allCases)
    func forwarded(form: ElementForm) async throws {
        try await run(form, ["unknownClose": "forward"]) { bench in
            #expect(bench.close { $0.networkService = "icmp" }.isGood)
            #expect(bench.nextHop.calls.map(\.verb) == [.close] && bench.nextHop.calls[0].message.networkService == "icmp")
            #expect(bench.nextHop.transports.map(\.isClosed) == [true] && below.sights(.close).count == 1)
            #expect(bench.connectionCount == 0)
        }
    }

    @Test("one that fails there is its caller's to repeat; the rest of the chain still runs", arguments: ElementForm.allCases)
    func forwardFails(form: ElementForm) async throws {
        try await run(form, ["unknownClose": "forward"]) { bench in
            bench.nextHop.script(.close, .refuse(.notFound, "no such connection"))
            let call = bench.close()
            #expect(call.code == .notFound && call.error?.text == "errors during client close: no such connection")
            #expect(below.sights(.close).count == 1 && bench.nextHop.transports.map(\.isClosed) == [true] && bench.connectionCount == 0)
        }
    }

    @Test("without a client URL it ends quietly, and the rest of the chain still runs", arguments: ElementForm.allCases)
    func nowhere(form: ElementForm) async throws {
        url.provide(.clientURL, ClientURL())
        try await run(form, ["unknownClose": "forward"]) { bench in
            #expect(bench.close().isGood && bench.nextHop.calls.isEmpty && below.sights(.close).count == 1)
        }
    }
}
