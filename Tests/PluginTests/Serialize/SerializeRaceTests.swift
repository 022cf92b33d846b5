// SPDX-License-Identifier: Apache-2.0
// The race of the requirement document, driven through its five steps: a Close holds the turn, Request-1 waits for it, the Close ends,
// Request-2 comes, and Request-1 gets the turn.
internal import CatenaElement
internal import CatenaElementTesting
internal import Testing

@Suite("serialize: the race")
struct SerializeRaceTests {
    private let bench = SerializeBench()
    private var below: Neighbour { bench.below }

    /// Steps 1 to 3: the Close has just ended, and what its end has left in the loop has not run.
    private func closed(_ chain: ChainBench) -> BenchCall {
        chain.ask("0")
        let closing = chain.close(), first = chain.ask("request-1")
        #expect(!closing.isAnswered && !first.isAnswered)
        below.resume()
        while below.count(.closeReply) == 0, chain.step() {}
        return first
    }

    @Test("by default Request-1 keeps its place, and runs as the first Request of the new incarnation", arguments: ElementForm.allCases)
    func keeps(form: ElementForm) async throws {
        below.script(.close, .hold, .next)
        try await bench.run(form) { chain in
            let first = closed(chain), second = chain.ask("request-2")
            #expect(first.isGood && second.isGood && bench.requested == ["0", "request-1", "request-2"])
            #expect(below.sights(.request).map { $0.flags.contains(.first) } == [true, true, false])
        }
    }

    @Test("with onRace fail Request-1 fails if Request-2 began in between", arguments: ElementForm.allCases)
    func fails(form: ElementForm) async throws {
        below.script(.close, .hold, .next)
        try await bench.run(form, ["onRace": "fail"]) { chain in
            let first = closed(chain), second = chain.ask("request-2")
            #expect(first.code == .aborted && first.error?.text == "race condition, parallel request execution: id")
            #expect(second.isGood && bench.requested == ["0", "request-2"])
            #expect(chain.ask("3").isGood)
        }
    }

    @Test("with onRace fail Request-1 runs if nobody came", arguments: ElementForm.allCases)
    func alone(form: ElementForm) async throws {
        below.script(.close, .hold, .next)
        try await bench.run(form, ["onRace": "fail"]) { chain in
            let first = closed(chain)
            chain.run()
            #expect(first.isGood && bench.requested == ["0", "request-1"])
        }
    }
}
