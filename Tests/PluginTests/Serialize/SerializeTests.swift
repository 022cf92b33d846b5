// SPDX-License-Identifier: Apache-2.0
// The contract of the anchor for Requests: one at a time, in order, bounded, withdrawn and coalesced. In a chain, where the host keeps
// its half.
internal import CatenaElement
internal import CatenaElementTesting
internal import Testing

@Suite("serialize: Requests")
struct SerializeTests {
    private let bench = SerializeBench()
    private var below: Neighbour { bench.below }

    @Test("calls of one connection run one at a time, in the order they came", arguments: ElementForm.allCases)
    func order(form: ElementForm) async throws {
        below.script(.request, .hold, .hold, .hold, .next)
        try await bench.run(form) { chain in
            let calls = ["1", "2", "3"].map { chain.ask($0) }
            #expect(bench.requested == ["1"])
            chain.resume(below)
            #expect(calls.map(\.isAnswered) == [true, false, false] && below.count(.request) == 2)
            chain.resume(below, .fail(.aborted, "x"))
            #expect(calls.map(\.isAnswered) == [true, true, false] && calls[1].code == .aborted)
            chain.resume(below)
            #expect(calls[2].isGood && bench.requested == ["1", "2", "3"])
            #expect(chain.ask("4").isGood)
        }
    }

    @Test("connections do not wait for each other", arguments: ElementForm.allCases)
    func parallel(form: ElementForm) async throws {
        below.script(.request, .hold, .next)
        try await bench.run(form) { chain in
            let first = chain.request("id-1")
            #expect(chain.request("id-2").isGood && !first.isAnswered)
            below.resume()
        }
    }

    @Test("a connection that answered is UP, one that failed is left as it was", arguments: ElementForm.allCases)
    func state(form: ElementForm) async throws {
        below.script(.request, .next, .fail(.aborted, "x"))
        try await bench.run(form) { chain in
            for _ in 0..<2 { chain.request { $0.state = .refreshRequested } }
            #expect(bench.above.sights(.requestReply).map(\.message.state) == [.up, .refreshRequested])
        }
    }

    @Test("a queue is bounded, and what it refuses changes nothing", arguments: ElementForm.allCases)
    func bound(form: ElementForm) async throws {
        below.script(.request, .hold, .next)
        try await bench.run(form, ["queue": 2]) { chain in
            let calls = (1...4).map { chain.ask("\($0)") }
            #expect(calls.map(\.isAnswered) == [false, false, false, true])
            #expect(calls[3].code == .resourceExhausted && calls[3].error?.text == "2 Requests and jobs wait already: id")
            chain.resume(below)
            #expect(calls.prefix(3).allSatisfy(\.isGood) && bench.requested == ["1", "2", "3"])
        }
    }

    @Test("the bound is 128 unless the config says otherwise", arguments: ElementForm.allCases)
    func defaultBound(form: ElementForm) async throws {
        below.script(.request, .hold, .next)
        try await bench.run(form) { chain in
            let calls = (0...129).map { chain.ask("\($0)") }
            #expect(calls.filter(\.isAnswered).map(\.code) == [.resourceExhausted])
            chain.resume(below)
            #expect(calls.filter(\.isGood).count == 129)
        }
    }

    @Test("a Request whose caller left is taken out of the queue, one that runs goes on", arguments: ElementForm.allCases)
    func cancel(form: ElementForm) async throws {
        below.script(.request, .hold, .next)
        try await bench.run(form) { chain in
            let running = chain.ask("1"), leaving = chain.ask("2"), staying = chain.ask("3")
            chain.leave(leaving)
            chain.leave(running)
            #expect(leaving.code == .cancelled && running.code == .cancelled && !staying.isAnswered)
            chain.resume(below)
            #expect(bench.requested == ["1", "3"] && staying.isGood)
        }
    }

    @Test("a caller leaves the queue on its deadline", arguments: ElementForm.allCases)
    func deadline(form: ElementForm) async throws {
        below.script(.request, .hold, .next)
        try await bench.run(form) { chain in
            _ = chain.ask("1")
            let waiting = chain.request(deadline: .seconds(1)) { $0.networkService = "2" }
            chain.advance(by: .seconds(2))
            #expect(waiting.code == .deadlineExceeded)
            chain.resume(below)
            #expect(bench.requested == ["1"])
        }
    }

    @Test("a Request without an id is refused", arguments: ElementForm.allCases)
    func emptyID(form: ElementForm) async throws {
        try await bench.run(form) { chain in
            let call = chain.request("")
            #expect(call.code == .invalidArgument)
            #expect(chain.request().isGood)
        }
    }

    // MARK: Coalescing

    /// A Request that is equal to all others of its service, but for what a refresh renews.
    private func refresh(_ chain: ChainBench, _ service: String, _ token: String) -> BenchCall {
        chain.ask(service) { $0.segments = [PathSegment(name: "client", id: "id", token: token, expires: Int64(token.count))] }
    }

    @Test("Requests that wait and say the same become one: the newest runs, and all get its result", arguments: ElementForm.allCases)
    func coalesce(form: ElementForm) async throws {
        below.script(.request, .hold, .edit({ $0.endpoint = "got-\($0.segments[0].token)" }), .fail(.unavailable, "x"))
        try await bench.run(form) { chain in
            let first = refresh(chain, "a", "t")
            let same = ["tt", "ttt", "tttt"].map { refresh(chain, "b", $0) }
            let others = ["t", "tt"].map { refresh(chain, "c", $0) }
            chain.resume(below)
            #expect(bench.requested == ["a", "b", "c"] && first.isGood)
            #expect(same.map { $0.message?.endpoint } == Array(repeating: "got-tttt", count: 3))
            #expect(same.map { $0.message?.state } == [.up, .up, .up])
            #expect(others.map(\.code) == [.unavailable, .unavailable] && others[0].error?.origin == "bench/below")
        }
    }

    @Test("they do not where another one came in between, or the config says so", arguments: ElementForm.allCases, [true, false])
    func apart(form: ElementForm, coalesce: Bool) async throws {
        below.script(.request, .hold, .next)
        try await bench.run(form, ["coalesce": .bool(coalesce)]) { chain in
            _ = chain.ask("a")
            for service in ["b", "b", "c", "b"] { _ = chain.ask(service) }
            chain.resume(below)
            #expect(bench.requested == (coalesce ? ["a", "b", "c", "b"] : ["a", "b", "b", "c", "b"]))
        }
    }

    @Test("of those that became one each may leave, and the newest that stays runs", arguments: ElementForm.allCases)
    func leaving(form: ElementForm) async throws {
        below.script(.request, .hold, .hold, .next)
        try await bench.run(form) { chain in
            _ = chain.ask("a")
            let same = ["t", "tt", "ttt"].map { refresh(chain, "b", $0) }
            chain.leave(same[2])
            chain.resume(below)
            #expect(below.sights(.request).last?.message.segments.first?.token == "tt")
            chain.leave(same[0])
            #expect(same.map(\.code) == [.cancelled, nil, .cancelled])
            chain.resume(below)
            #expect(same[1].isGood && below.count(.request) == 2)
        }
    }

    @Test("who got the result of another has come back for the connection: it is not closed as nobody's", arguments: ElementForm.allCases)
    func comeBack(form: ElementForm) async throws {
        below.script(.request, .hold, .hold, .next)
        try await bench.run(form) { chain in
            _ = chain.ask("a")
            let waiting = chain.ask("b"), running = chain.ask("b")
            chain.resume(below, .fail(.aborted, "x"))
            chain.leave(running)
            chain.resume(below)
            #expect(waiting.isGood && running.code == .cancelled)
            chain.advance(by: .seconds(60))
            #expect(below.count(.close) == 0 && chain.connectionCount == 1)
        }
    }
}
