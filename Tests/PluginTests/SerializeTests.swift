// SPDX-License-Identifier: Apache-2.0
// The contract of the anchor: one at a time, in order, a Close with the last good connection, a second Close swallowed. In a
// chain, where the host keeps its half; and hook by hook where no caller can make the order.
internal import CatenaElement
internal import CatenaElementTesting
internal import SerializeElement
internal import Testing

@Suite("serialize")
struct SerializeTests {
    private let above = Neighbour("above")
    private let gate = Neighbour("gate", traits: .guard)
    private let below = Neighbour("below")

    private func run(_ form: ElementForm, _ body: (ChainBench) throws -> Void) async throws {
        let element = BenchElement.element(SerializeElement.self, form, config: ["queue": 2])
        try await ChainBench.run([.neighbour(above), element, .neighbour(gate), .neighbour(below)]) { bench in try body(bench) }
    }

    private func request(_ bench: ChainBench, _ service: String) -> BenchCall { bench.request { $0.networkService = service } }

    @Test("calls of one connection run one at a time, in the order they came", arguments: ElementForm.allCases)
    func order(form: ElementForm) async throws {
        below.script(.request, .hold, .hold, .hold, .next)
        try await run(form) { bench in
            let calls = ["1", "2", "3"].map { request(bench, $0) }
            #expect(below.sights(.request).map(\.message.networkService) == ["1"])
            below.resume()
            bench.run()
            #expect(calls.map(\.isAnswered) == [true, false, false] && below.count(.request) == 2)
            below.resume(.fail(.aborted, "x"))
            bench.run()
            #expect(calls.map(\.isAnswered) == [true, true, false] && calls[1].code == .aborted)
            below.resume()
            bench.run()
            #expect(calls[2].isGood && below.sights(.request).map(\.message.networkService) == ["1", "2", "3"])
            #expect(request(bench, "4").isGood)
        }
    }

    @Test("connections do not wait for each other", arguments: ElementForm.allCases)
    func parallel(form: ElementForm) async throws {
        below.script(.request, .hold, .next)
        try await run(form) { bench in
            let first = bench.request("id-1")
            #expect(bench.request("id-2").isGood && !first.isAnswered)
            below.resume()
        }
    }

    @Test("a connection that answered is UP, one that failed is left as it was", arguments: ElementForm.allCases)
    func state(form: ElementForm) async throws {
        below.script(.request, .next, .fail(.aborted, "x"))
        try await run(form) { bench in
            for _ in 0..<2 { bench.request { $0.state = .refreshRequested } }
            #expect(above.sights(.requestReply).map(\.message.state) == [.up, .refreshRequested])
        }
    }

    @Test("a Close that runs carries the last good connection", arguments: ElementForm.allCases)
    func close(form: ElementForm) async throws {
        try await run(form) { bench in
            _ = request(bench, "last")
            #expect(bench.close().isGood && below.sights(.close).map(\.message.networkService) == ["last"])
        }
    }

    @Test("a Close that waited carries what the Request before it got", arguments: ElementForm.allCases)
    func closeAfterFirst(form: ElementForm) async throws {
        below.script(.request, .hold)
        try await run(form) { bench in
            _ = request(bench, "asked")
            let closing = bench.close()
            #expect(!closing.isAnswered && below.count(.close) == 0)
            below.resume(.edit({ $0.networkService = "got" }))
            bench.run()
            #expect(closing.isGood && below.sights(.close).map(\.message.networkService) == ["got"])
        }
    }

    @Test("a Close behind a failed refresh carries the connection of before", arguments: ElementForm.allCases)
    func closeAfterRefresh(form: ElementForm) async throws {
        below.script(.request, .next, .hold)
        try await run(form) { bench in
            _ = request(bench, "old")
            _ = request(bench, "new")
            let closing = bench.close()
            below.resume(.fail(.unavailable, "x"))
            bench.run()
            #expect(closing.isGood && below.sights(.close).map(\.message.networkService) == ["old"])
        }
    }

    @Test("a Close of what is not open ends quietly, and a second Close too", arguments: ElementForm.allCases)
    func unknown(form: ElementForm) async throws {
        below.script(.close, .hold)
        try await run(form) { bench in
            #expect(bench.close().isGood && below.count(.close) == 0)
            _ = request(bench, "1")
            let closing = bench.close(), second = bench.close(), later = request(bench, "2")
            #expect([closing, second, later].map(\.isAnswered) == [false, false, false])
            below.resume()
            bench.run()
            #expect([closing, second, later].map(\.isGood) == [true, true, true] && below.count(.close) == 1)
            #expect(below.sights(.request).map { $0.flags.contains(.first) } == [true, true])
        }
    }

    @Test("a Close that a guard below refused has changed nothing: the one behind it still closes", arguments: ElementForm.allCases)
    func refused(form: ElementForm) async throws {
        gate.script(.close, .hold, .next)
        try await run(form) { bench in
            _ = request(bench, "kept")
            let refused = bench.close(), closing = bench.close(), later = request(bench, "later")
            #expect([refused, closing, later].map(\.isAnswered) == [false, false, false])
            gate.resume(.fail(.permissionDenied, "not you"))
            bench.run()
            #expect(refused.code == .permissionDenied && refused.error?.isRefusal == true)
            #expect(closing.isGood && later.isGood && below.sights(.close).map(\.message.networkService) == ["kept"])
            let order: [HookName] = below.sights().map(\.hook).filter { [.request, .close].contains($0) }
            #expect(order == [.request, .close, .request])
            #expect(below.sights(.request).map { $0.flags.contains(.first) } == [true, true])
        }
    }

    @Test("a Close behind a first Request that failed has nothing to close", arguments: ElementForm.allCases)
    func closeAfterFailure(form: ElementForm) async throws {
        below.script(.request, .hold, .next)
        try await run(form) { bench in
            _ = request(bench, "1")
            let closing = bench.close()
            below.resume(.fail(.unavailable, "x"))
            bench.run()
            #expect(closing.isGood && below.count(.close) == 0)
            #expect(request(bench, "2").isGood)
        }
    }

    @Test("a queue is bounded for Requests, and a Close is never refused", arguments: ElementForm.allCases)
    func bound(form: ElementForm) async throws {
        below.script(.request, .hold, .next)
        try await run(form) { bench in
            let calls = (1...4).map { request(bench, "\($0)") }, closing = bench.close()
            #expect(calls.map(\.isAnswered) == [false, false, false, true])
            #expect(calls[3].code == .resourceExhausted && calls[3].error?.text == "2 Requests wait already: id")
            below.resume()
            bench.run()
            #expect(calls.prefix(3).allSatisfy(\.isGood) && closing.isGood && below.count(.close) == 1)
        }
    }

    @Test("a Request whose caller left is taken out of the queue, a Close stays in", arguments: ElementForm.allCases)
    func cancel(form: ElementForm) async throws {
        below.script(.request, .hold, .next)
        try await run(form) { bench in
            _ = request(bench, "1")
            let leaving = request(bench, "2"), closing = bench.close()
            bench.leave(leaving)
            bench.leave(closing)
            #expect(leaving.code == .cancelled)
            below.resume()
            bench.run()
            #expect(below.sights(.request).map(\.message.networkService) == ["1"] && below.count(.close) == 1)
        }
    }

    @Test("a Request without an id is refused", arguments: ElementForm.allCases)
    func emptyID(form: ElementForm) async throws {
        try await run(form) { bench in
            let call = bench.request("")
            #expect(call.code == .invalidArgument)
            #expect(bench.request().isGood)
        }
    }

    // MARK: Hook by hook

    private let slot = HookSlot()

    private func bench() throws -> HookBench { try HookBench(SerializeElement.self, config: ["queue": 2]) }

    private func call(_ bench: HookBench, _ number: UInt64, _ flags: HopFlags = .first) -> HookCall {
        bench.call(TestMessage(id: "id"), number: number, connection: 1, slot: slot, flags: flags)
    }

    @Test("a Close for another endpoint leaves the connection open for the Close behind it")
    func reselect() throws {
        let bench = try bench(), reselecting = call(bench, 1, .known), closing = call(bench, 2, .known)
        bench.host.last[1] = TestMessage(id: "id", service: "old")
        reselecting.reason = .reselect
        #expect(bench.close(reselecting) == .next && bench.close(closing) == .pending)
        _ = bench.closeReply(reselecting)
        #expect(bench.host.answers == [.next] && closing.message.networkService == "old")
    }

    @Test("a waiting call that the host has ended by itself is passed over")
    func gone() throws {
        let bench = try bench(), calls = (1...3).map { call(bench, $0) }
        #expect(calls.map(bench.request) == [.next, .pending, .pending])
        bench.host.end(call: 2)
        _ = bench.requestReply(calls[0])
        #expect(bench.host.resumed.map(\.call) == [3])
    }

    @Test("an id that is empty is refused with the remedy")
    func remedy() throws {
        let bench = try bench()
        let text = "a Request needs a connection with an id: set it above, as updatepath does"
        #expect(bench.request(bench.call(connection: 1, slot: slot)) == .fail(.invalidArgument, text))
    }

    @Test("the queue goes with its connection's slot")
    func dropped() throws {
        let bench = try bench()
        #expect(bench.request(call(bench, 1)) == .next)
        bench.dropConnection(1, slot, why: .caller)
        #expect(bench.request(call(bench, 2)) == .next)
    }
}
