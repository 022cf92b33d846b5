// SPDX-License-Identifier: Apache-2.0
// Makes cases. They are small on purpose: few elements, few calls and few connections meet more often than many do, and what
// fails can be read.

import CatenaABI

@testable import CatenaChain

/// Makes a case from a seed.
struct CaseGenerator {
    private var random: SplitMix64
    private var plan: LawCase

    static func make(_ seed: UInt64) -> LawCase {
        var generator = CaseGenerator(seed)
        generator.generate()
        return generator.plan
    }

    private init(_ seed: UInt64) {
        random = SplitMix64(seed)
        plan = LawCase(seed: seed)
    }

    private mutating func generate() {
        plan.isCalm = random.percent(60)
        plan.loops = 1 + random.below(2)
        plan.connections = 1 + random.below(3)
        plan.rates = LawCase.Rates(
            fail: random.one(of: [0, 5, 15, 30]), done: random.one(of: [0, 2, 8]), pending: random.one(of: [0, 15, 50]),
            again: random.one(of: [30, 80]), write: random.one(of: [0, 20]), act: random.one(of: [0, 8, 20]),
            prank: random.one(of: [0, 10]), wrong: random.one(of: [0, 0, 0, 3]),
            never: random.one(of: [0, 0, 0, 3]))
        makeChains()
        if !plan.isCalm {
            plan.options.closeTimeout = 30_000
            plan.options.grace = 10_000
            plan.options.orphanTimeout = 20_000
            plan.options.eventTimeout = 15_000
            plan.options.resumeTimeout = 50_000
        }
        if !plan.isCalm, random.percent(8) { plan.aborts = UInt64(1 + random.below(40_000)) }
        plan.closesAll = random.percent(85)
        let count = 1 + random.below(7)
        for index in 0..<count { plan.calls.append(makeCall(UInt64(index + 1))) }
        plan.fires = plan.anchor != nil && random.percent(25)
        plan.runsModule = plan.fires && random.percent(40)
        if plan.fires { plan.rates.act = max(plan.rates.act, random.one(of: [10, 30])) }
    }

    // MARK: Chains

    private mutating func makeChains() {
        let hasAnchor = random.percent(85)
        let above = random.below(hasAnchor ? 3 : 6)
        var served = (0..<(hasAnchor ? above : above + 1)).map { _ in makeElement(isAnchored: false) }
        guard hasAnchor else {
            plan.chains = [served]
            return
        }
        plan.anchor = above
        served.append(makeAnchor())
        for _ in 0..<(1 + random.below(3)) { served.append(makeElement(isAnchored: true)) }
        // Somebody sees when an incarnation ends.
        served[above + 1].hasConnSlot = true
        plan.chains = [served]
        guard random.percent(60) else { return }
        plan.chains[0].insert(makeConnector(), at: above + 1 + random.below(served.count - above))
        plan.chains.append(makeClientChain())
        guard random.percent(20) else { return }
        plan.chains[1].insert(makeConnector(), at: random.below(plan.chains[1].count + 1))
        plan.chains.append(makeClientChain())
    }

    private mutating func makeClientChain() -> [ElementPlan] {
        var chain = (0..<random.below(3)).map { _ in makeElement(isAnchored: true) }
        if random.percent(10) {
            var inert = makeAnchor()
            inert.kind = .inert
            chain.insert(inert, at: random.below(chain.count + 1))
        }
        return chain
    }

    private mutating func makeElement(isAnchored: Bool) -> ElementPlan {
        var element = ElementPlan()
        for hook in [Hook.request, .requestReply, .close, .closeReply] where random.percent(15) { element.hooks.remove(hook) }
        element.saysAgain = random.percent(25) && element.has(.requestReply)
        element.isGuard = random.percent(12) && element.has(.close)
        element.hasCallSlot = random.percent(40)
        element.hasConnSlot = isAnchored && random.percent(60)
        element.isTakenOut = random.percent(20)
        return element
    }

    private func makeAnchor() -> ElementPlan {
        var element = ElementPlan()
        element.kind = .anchor
        element.hasCallSlot = true
        element.hasConnSlot = true
        return element
    }

    private func makeConnector() -> ElementPlan {
        var element = ElementPlan()
        element.kind = .connector
        element.hasConnSlot = true
        return element
    }

    // MARK: Calls

    private mutating func makeCall(_ key: UInt64) -> CallPlan {
        let isImpatient = !plan.isCalm && random.percent(50)
        return CallPlan(
            key: key, verb: random.percent(25) ? .close : .request, connection: random.below(plan.connections),
            loop: random.below(plan.loops), begins: UInt64(random.below(plan.isCalm ? 2 : 30_000)),
            patience: isImpatient && random.percent(60) ? UInt64(1 + random.below(20_000)) : 0,
            leaves: isImpatient && random.percent(60) ? UInt64(1 + random.below(20_000)) : 0)
    }
}
