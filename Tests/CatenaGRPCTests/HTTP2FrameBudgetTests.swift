// SPDX-License-Identifier: Apache-2.0
// The allowance against floods, with a clock of the test's own: what a flood costs, what a good peer earns back.
import CatenaGRPC
import NIOCore
import Testing

@Suite("Frame budget")
struct HTTP2FrameBudgetTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func spend(_ budget: inout FrameBudget, _ kind: FrameBudget.Kind, at now: NIODeadline, atMost limit: Int = 100_000) -> Int {
        var count = 0
        while count < limit, budget.spend(kind, now: now) { count += 1 }
        return count
    }

    @Test("a burst is allowed and one more is not; SETTINGS cost ten times as much", arguments: [
        (.control, 10_000), (.reset, 10_000), (.settings, 1000),
    ] as [(FrameBudget.Kind, Int)])
    func burst(kind: FrameBudget.Kind, count: Int) {
        var budget = FrameBudget(now: start)
        #expect(spend(&budget, kind, at: start) == count)
    }

    @Test("resets and control frames do not share an allowance")
    func kinds() {
        var budget = FrameBudget(now: start)
        _ = spend(&budget, .control, at: start)
        #expect(spend(&budget, .settings, at: start) == 0)
        #expect(spend(&budget, .reset, at: start) == 10_000)
    }

    @Test("time gives back 1,000 units a second, fractions included, and never more than a burst")
    func time() {
        var budget = FrameBudget(now: start)
        _ = spend(&budget, .control, at: start)
        #expect(spend(&budget, .control, at: start + .microseconds(1500)) == 1)
        #expect(spend(&budget, .control, at: start + .microseconds(2000)) == 1)
        #expect(spend(&budget, .control, at: start + .seconds(1)) == 998)
        #expect(spend(&budget, .control, at: start + .hours(1)) == 10_000)
    }

    @Test("a peer that resets every second call and sends four PINGs with each is never hit")
    func good() {
        var budget = FrameBudget(now: start)
        var isHit = false
        for _ in 0..<1_000_000 {
            for _ in 0..<4 where !budget.spend(.control, now: start) { isHit = true }
            if !budget.spend(.reset, now: start) { isHit = true }
            budget.earn()
        }
        #expect(!isHit)
    }

    @Test("what is earned does not add up beyond a burst")
    func cap() {
        var budget = FrameBudget(now: start)
        for _ in 0..<1_000_000 { budget.earn() }
        #expect(spend(&budget, .control, at: start) == 10_000)
    }
}
