// SPDX-License-Identifier: Apache-2.0
// Another client URL for a connection that is open: it is requested first, swapped in, and then the old one is closed. Whatever fails or
// never answers on the way, what connect knows is what is open.
internal import CatenaElement
internal import CatenaElementTesting
internal import ConnectElement
internal import Testing

@Suite("connect: another client URL")
struct ConnectMoveTests {
    private let url: Neighbour
    private let client = Neighbour("client")

    init() throws { url = Neighbour("url", values: [.provides(.clientURL, try ClientURL("tcp://a:1"), kept: true)]) }

    /// A connection that is open at a, when a Request has to go to b.
    private func run(_ form: ElementForm, _ body: (ChainBench) throws -> Void) async throws {
        let connect = BenchElement.element(ConnectElement.self, form, config: ["client": "out"])
        try await ChainBench.run([.anchor, .neighbour(url), connect], clients: ["out": [.neighbour(client)]]) { bench in
            bench.nextHop.script(.request, .answer { $0.mechanism = "MEMIF" })
            #expect(bench.request().isGood)
            url.provide(.clientURL, try ClientURL("tcp://b:1"))
            try body(bench)
        }
    }

    /// What the next hops have seen: `R a`, `C b`.
    private func calls(_ bench: ChainBench) -> [String] {
        bench.nextHop.calls.map { ($0.verb == .request ? "R " : "C ") + $0.url.dropFirst(6).prefix(1) }
    }

    /// A refresh and a Close go where the record says, over what is open there.
    private func expectOpen(at place: String, mechanism: String?, _ bench: ChainBench, sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(bench.nextHop.open == ["tcp://\(place):1"], sourceLocation: sourceLocation)
        url.provide(.clientURL, try ClientURL("tcp://\(place):1"))
        bench.nextHop.script(.request, .accept)
        bench.nextHop.script(.close, .accept)
        let count = bench.nextHop.calls.count
        #expect(bench.request().isGood && bench.close().isGood, sourceLocation: sourceLocation)
        try #require(calls(bench).dropFirst(count) == ["R \(place)", "C \(place)"], sourceLocation: sourceLocation)
        #expect(bench.nextHop.calls[count].message.mechanism == mechanism, sourceLocation: sourceLocation)
        #expect(bench.nextHop.open.isEmpty && bench.connectionCount == 0, sourceLocation: sourceLocation)
    }

    @Test("is requested first; then the old one is closed and dropped, whatever comes of that", arguments: ElementForm.allCases, HopReply.allCases)
    func moved(form: ElementForm, old: HopReply) async throws {
        try await run(form) { bench in
            bench.nextHop.script(.close, old.reply)
            #expect(bench.request().isGood)
            try #require(calls(bench) == ["R a", "R b", "C a"] && client.sights(.close).map(\.reason) == [.movedURL])
            #expect(bench.nextHop.calls[1].message.mechanism == nil && bench.nextHop.calls[2].message.mechanism == "MEMIF")
            #expect(bench.nextHop.transports.map(\.isClosed) == [true, false])
            let warning = bench.logLines.first { $0.text == "close at the old url failed" }
            #expect(warning?.level == (old == .yes ? nil : .warning) && warning?.fields["url"] == (old == .yes ? nil : "tcp://a:1"))
            try expectOpen(at: "b", mechanism: "MEMIF", bench)
        }
    }

    @Test("that refuses or is not there leaves the old one what it was", arguments: ElementForm.allCases, [HopReply.no, .unreachable])
    func refused(form: ElementForm, new: HopReply) async throws {
        try await run(form) { bench in
            bench.nextHop.script(.request, new.reply)
            #expect(bench.request().code == (new == .no ? .failedPrecondition : .unavailable))
            #expect(calls(bench) == ["R a", "R b"] && bench.nextHop.transports.map(\.isClosed) == [false, true])
            try expectOpen(at: "a", mechanism: "MEMIF", bench)
        }
    }

    @Test(
        "whose answer is lost is closed, best effort, and the old one stays what it was", arguments: ElementForm.allCases, HopReply.allCases)
    func lost(form: ElementForm, closing: HopReply) async throws {
        try await run(form) { bench in
            bench.nextHop.script(.request, HopReply.lost.reply)
            bench.nextHop.script(.close, closing.reply)
            let call = bench.request()
            #expect(call.code == .unavailable && call.error?.isIndefinite == true)
            #expect(calls(bench) == ["R a", "R b", "C b"] && bench.nextHop.transports.map(\.isClosed) == [false, true])
            try expectOpen(at: "a", mechanism: "MEMIF", bench)
        }
    }

    @Test("that never answers is left in time and closed, best effort; the old one stays what it was", arguments: ElementForm.allCases)
    func silent(form: ElementForm) async throws {
        try await run(form) { bench in
            bench.nextHop.script(.request, .hold)
            let call = bench.request(deadline: .seconds(2))
            #expect(!call.isAnswered && bench.nextHop.open == ["tcp://a:1", "tcp://b:1"])
            bench.advance(by: .seconds(2))
            #expect(call.code == .deadlineExceeded)
            bench.advance(by: .seconds(15))
            #expect(bench.nextHop.heldCount == 0 && calls(bench) == ["R a", "R b", "C b"])
            try expectOpen(at: "a", mechanism: "MEMIF", bench)
        }
    }

    @Test("that answers late, when its caller has gone, is what is open", arguments: ElementForm.allCases)
    func late(form: ElementForm) async throws {
        try await run(form) { bench in
            bench.nextHop.script(.request, .after(.seconds(5), .answer { $0.mechanism = "VXLAN" }))
            let call = bench.request(deadline: .seconds(2))
            bench.advance(by: .seconds(5))
            #expect(call.code == .deadlineExceeded && calls(bench) == ["R a", "R b", "C a"])
            try expectOpen(at: "b", mechanism: "VXLAN", bench)
        }
    }

    @Test("is open at once where the old one never answers its Close, which is left in time", arguments: ElementForm.allCases)
    func oldIsSilent(form: ElementForm) async throws {
        try await run(form) { bench in
            bench.nextHop.script(.close, .hold)
            #expect(bench.request().isGood && bench.nextHop.heldCount == 1)
            #expect(bench.request().isGood && calls(bench) == ["R a", "R b", "C a", "R b"])
            bench.advance(by: .seconds(30))
            #expect(bench.nextHop.heldCount == 0 && bench.logLines.contains { $0.text == "close at the old url failed" })
            try expectOpen(at: "b", mechanism: "MEMIF", bench)
        }
    }

    @Test("is closed while the Close at the old one is still under way: each has its own", arguments: ElementForm.allCases)
    func closedMeanwhile(form: ElementForm) async throws {
        try await run(form) { bench in
            bench.nextHop.script(.close, .hold, .accept)
            #expect(bench.request().isGood && bench.close().isGood)
            #expect(calls(bench) == ["R a", "R b", "C a", "C b"] && bench.nextHop.open == ["tcp://a:1"] && bench.connectionCount == 0)
            bench.nextHop.reply(.accept)
            bench.run()
            #expect(bench.nextHop.open.isEmpty)
        }
    }

    @Test("is left again before it has answered: back at the old one the same leg is used", arguments: ElementForm.allCases)
    func andBack(form: ElementForm) async throws {
        try await run(form) { bench in
            bench.nextHop.script(.request, .hold, .accept)
            let first = bench.request()
            url.provide(.clientURL, try ClientURL("tcp://a:1"))
            let second = bench.request()
            #expect(!second.isAnswered)
            bench.nextHop.reply(.refuse(.unavailable, "not here"))
            bench.run()
            #expect(first.code == .unavailable && second.isGood && calls(bench) == ["R a", "R b", "R a"])
            #expect(bench.nextHop.transports.map(\.isClosed) == [false, true])
            try expectOpen(at: "a", mechanism: "MEMIF", bench)
        }
    }
}

extension HopReply {
    fileprivate var reply: NextHop.Reply {
        switch self {
        case .yes: .answer { $0.mechanism = "MEMIF" }
        case .no: .refuse(.failedPrecondition, "no")
        case .unreachable: .unreachable("nobody is there")
        case .lost: .lost("broken off")
        }
    }
}
