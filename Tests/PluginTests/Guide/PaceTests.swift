// SPDX-License-Identifier: Apache-2.0
// The guide's test of its second element. It runs with the others, and the guide shows it word for word.

import CatenaElement
import CatenaElementTesting
import Testing

@Suite("pace")
struct PaceTests {
    private let below = Neighbour("below")

    private func chain(_ every: ConfigText.Value) -> [BenchElement] {
        [.anchor, .element(PaceElement.self, config: ["name": "slow", "every": every]), .neighbour(below)]
    }

    @Test("a connection is refreshed only every so often, and others do not wait for it")
    func pace() async throws {
        try await ChainBench.run(chain("2s")) { bench in
            #expect(bench.request("a").isGood)
            let early = bench.request("a")
            #expect(early.code == .resourceExhausted && early.error?.text == "slow: one Request every 2.0 seconds")
            #expect(bench.request("b").isGood && below.count(.request) == 2)
            #expect(bench.timers == [.seconds(2), .seconds(2)])
            bench.advance(by: .seconds(2))
            #expect(bench.request("a").isGood)
        }
    }

    @Test("a Request that failed below counts as well, and a Close ends the pause")
    func failure() async throws {
        below.inject(.unavailable, "no route", at: .request)
        try await ChainBench.run(chain("2s")) { bench in
            #expect(bench.request("a").error?.origin == "bench/below")
            #expect(bench.request("a").isGood && bench.close("a").isGood && bench.timers.isEmpty)
            #expect(bench.takeJournal() == [
                "pace request", "below request FAIL", "pace connection-dropped rollback",
                "pace request", "below request", "below request-reply", "below close", "below close-reply",
                "pace connection-dropped caller",
            ])
        }
    }
}
