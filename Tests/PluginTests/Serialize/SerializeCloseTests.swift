// SPDX-License-Identifier: Apache-2.0
// What a Close carries, what it does to those who wait and to what runs, and how often it is tried.
internal import CatenaElement
internal import CatenaElementTesting
internal import Testing

@Suite("serialize: Closes")
struct SerializeCloseTests {
    private let bench = SerializeBench()
    private var below: Neighbour { bench.below }
    private let closing = "the connection is being closed: id"

    @Test("a Close that runs carries the last good connection", arguments: ElementForm.allCases)
    func close(form: ElementForm) async throws {
        try await bench.run(form) { chain in
            chain.ask("last")
            #expect(chain.close().isGood && bench.closed == ["last"])
        }
    }

    @Test("a Close that waited carries what the Request before it got", arguments: ElementForm.allCases)
    func closeAfterFirst(form: ElementForm) async throws {
        below.script(.request, .hold)
        try await bench.run(form) { chain in
            chain.ask("asked")
            let closing = chain.close()
            #expect(!closing.isAnswered && below.count(.close) == 0)
            chain.resume(below, .edit({ $0.networkService = "got" }))
            #expect(closing.isGood && bench.closed == ["got"])
        }
    }

    @Test("a Close behind a failed refresh carries the connection of before", arguments: ElementForm.allCases)
    func closeAfterRefresh(form: ElementForm) async throws {
        below.script(.request, .next, .hold)
        try await bench.run(form) { chain in
            chain.ask("old")
            chain.ask("new")
            let closing = chain.close()
            chain.resume(below, .fail(.unavailable, "x"))
            #expect(closing.isGood && bench.closed == ["old"])
        }
    }

    @Test("a Close of what is not open ends quietly, and a second Close too", arguments: ElementForm.allCases)
    func unknown(form: ElementForm) async throws {
        below.script(.close, .hold)
        try await bench.run(form) { chain in
            #expect(chain.close().isGood && below.count(.close) == 0)
            chain.ask("1")
            let closing = chain.close(), second = chain.close(), later = chain.ask("2")
            #expect([closing, second, later].map(\.isAnswered) == [false, false, false])
            chain.resume(below)
            #expect([closing, second, later].map(\.isGood) == [true, true, true] && below.count(.close) == 1)
            #expect(below.sights(.request).map { $0.flags.contains(.first) } == [true, true])
        }
    }

    @Test("with unknownClose forward it goes on below as its caller sent it, but a second Close does not", arguments: ElementForm.allCases)
    func forward(form: ElementForm) async throws {
        below.script(.close, .next, .hold)
        try await bench.run(form, ["unknownClose": "forward"]) { chain in
            #expect(chain.close { $0.networkService = "lost" }.isGood && bench.closed == ["lost"])
            chain.ask("1")
            let closing = chain.close(), second = chain.close()
            chain.resume(below)
            #expect(closing.isGood && second.isGood && bench.closed == ["lost", "1"])
        }
    }

    @Test("a forwarded Close that fails is its caller's to repeat", arguments: ElementForm.allCases)
    func forwardFails(form: ElementForm) async throws {
        below.script(.close, .fail(.unavailable, "x"), .next)
        try await bench.run(form, ["unknownClose": "forward"]) { chain in
            #expect(chain.close().code == .unavailable && chain.timers.isEmpty && chain.connectionCount == 0)
        }
    }

    @Test("a Close that a guard below refused has changed nothing: the one behind it still closes", arguments: ElementForm.allCases)
    func refused(form: ElementForm) async throws {
        bench.gate.script(.close, .hold, .next)
        try await bench.run(form) { chain in
            chain.ask("kept")
            let refused = chain.close(), closing = chain.close(), later = chain.ask("later")
            #expect([refused, closing, later].map(\.isAnswered) == [false, false, false])
            chain.resume(bench.gate, .fail(.permissionDenied, "not you"))
            #expect(refused.code == .permissionDenied && refused.error?.isRefusal == true)
            #expect(closing.isGood && later.isGood && bench.closed == ["kept"] && bench.order == "RCR")
            #expect(below.sights(.request).map { $0.flags.contains(.first) } == [true, true])
        }
    }

    @Test("a Close behind a first Request that failed has nothing to close", arguments: ElementForm.allCases)
    func closeAfterFailure(form: ElementForm) async throws {
        below.script(.request, .hold, .next)
        try await bench.run(form) { chain in
            chain.ask("1")
            let closing = chain.close()
            chain.resume(below, .fail(.unavailable, "x"))
            #expect(closing.isGood && below.count(.close) == 0)
            #expect(chain.ask("2").isGood)
        }
    }

    @Test("a Close cancels the Requests that wait, and lets the one that runs finish", arguments: ElementForm.allCases)
    func cancels(form: ElementForm) async throws {
        below.script(.request, .hold, .next)
        try await bench.run(form) { chain in
            let running = chain.ask("1"), waiting = ["2", "3"].map { chain.ask($0) }, call = chain.close(), later = chain.ask("4")
            #expect(waiting.map(\.code) == [.aborted, .aborted] && waiting.map { $0.error?.text } == [closing, closing])
            #expect(!running.isAnswered && !call.isAnswered && !later.isAnswered)
            chain.resume(below)
            #expect(running.isGood && call.isGood && later.isGood && bench.order == "RCR" && bench.requested == ["1", "4"])
        }
    }

    @Test("a Close whose caller left goes on; Closes that wait become one", arguments: ElementForm.allCases)
    func stays(form: ElementForm) async throws {
        below.script(.request, .hold)
        try await bench.run(form) { chain in
            chain.ask("1")
            let leaving = chain.close(), second = chain.close()
            chain.leave(leaving)
            chain.resume(below)
            #expect(below.count(.close) == 1 && second.isGood)
        }
    }

    @Test("a Close is neither counted nor refused", arguments: ElementForm.allCases)
    func uncounted(form: ElementForm) async throws {
        below.script(.request, .hold, .next)
        try await bench.run(form, ["queue": 1]) { chain in
            chain.ask("1")
            chain.ask("2")
            let closes = (0..<5).map { _ in chain.close() }
            #expect(chain.ask("3").isAnswered == false)
            chain.resume(below)
            #expect(closes.allSatisfy(\.isGood) && below.count(.close) == 1)
        }
    }

    @Test("a second Close that waited gets the error of the first, and is not sent", arguments: ElementForm.allCases)
    func sameError(form: ElementForm) async throws {
        below.script(.request, .hold)
        below.script(.close, .fail(.unavailable, "x"), .next)
        try await bench.run(form) { chain in
            chain.ask("1")
            let closes = (0..<2).map { _ in chain.close() }
            chain.resume(below)
            #expect(closes.map(\.code) == [.unavailable, .unavailable] && below.count(.close) == 1)
            chain.advance(by: .seconds(1))
            #expect(below.count(.close) == 2 && chain.connectionCount == 0)
        }
    }
}
