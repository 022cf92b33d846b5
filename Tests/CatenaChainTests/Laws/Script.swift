// SPDX-License-Identifier: Apache-2.0
// What every hook does, and what every next hop answers: a function of the case's seed, the call, the element and how often it
// was asked. It does not depend on who came first, so the model can know it without running anything.

import CatenaABI

@testable import CatenaChain

/// What one hook does this time.
struct Decision {
    enum Answer: Equatable {
        case next, done, again
        case fail(catena_status)
        /// A number that is no verdict there.
        case wrong(catena_verdict)
    }

    enum Timing: Equatable {
        /// The hook answers by itself.
        case now
        /// PENDING, and resumed inside the hook.
        case inside
        /// PENDING, and resumed after so long, on that loop; -1: on a thread that is no loop.
        case later(UInt64, place: Int)
        /// PENDING, and then nothing.
        case never
    }

    enum Act: Equatable {
        case event(Verb, catena_reason, ownMessage: Bool, delay: UInt64)
        case post(delay: UInt64)
        case timer(UInt64)
        case cancelTimer
        case cancelOperation(delay: UInt64)
        case deadlineBelow(UInt64)
        case job(JobPlan, delay: UInt64)
    }

    enum Prank: Equatable {
        /// Resumes twice.
        case twice
        /// Resumes an older ticket of the element.
        case stale
        /// Resumes, and then answers by itself: the hook's own answer counts.
        case both
    }

    var answer = Answer.next
    var timing = Timing.now
    var prank: Prank?
    /// Written into the call's message, and into its context value.
    var mark: UInt64?
    var value: UInt64?
    /// The mark is written while PENDING, through the ticket.
    var writesLate = false
    var act: Act?
    /// Any choice that is left; 1: the usual one.
    var dice: UInt64 = 1

    /// The host hears two answers to one hook, and the call fails for it.
    var isAnsweredTwice: Bool { prank == .both || prank == .twice && timing != .now && timing != .never }

    /// What `onFault` speaks of.
    var breaksRule: Bool {
        if case .wrong = answer { return true }
        return isAnsweredTwice || timing == .never
    }

    var isPlain: Bool { answer == .next && timing == .now && prank == nil && mark == nil && value == nil && act == nil }
}

/// What one call to a next hop comes to.
struct HopReply {
    var code: catena_status = CATENA_OK
    var isIndefinite = false
    /// nil: at once.
    var delay: UInt64?
    var place = -1
}

/// Where a decision is taken.
struct Place: Hashable {
    let key: UInt64
    /// Number of the element; -1: the next hop.
    let element: Int
    let hook: Hook
    /// How often this place was asked before, in this call.
    let turn: Int
}

/// The script of a case.
struct Script {
    private let plan: LawCase
    /// Places where the shrinker wants nothing to happen.
    let quiet: Set<Place>
    /// From here on every element says NEXT, and every next hop yes.
    var isOver = false
    private static let codes = [CATENA_UNAVAILABLE, CATENA_PERMISSION_DENIED, CATENA_NOT_FOUND, CATENA_UNKNOWN]

    init(_ plan: LawCase, quiet: Set<Place>) {
        self.plan = plan
        self.quiet = quiet
    }

    /// - Parameters:
    ///   - failed: the part below has failed.
    ///   - attempt: as the hop says; AGAIN is said a few times at most.
    func decide(_ place: Place, failed: Bool, attempt: UInt32) -> Decision {
        var decision = Decision()
        guard !isOver, !quiet.contains(place) else { return decision }
        var random = SplitMix64(
            SplitMix64.hash(plan.seed, place.key, UInt64(place.element + 1), UInt64(Script.number(place.hook)), UInt64(place.turn)))
        decision.dice = random.next()
        let element = plan.elements[place.element]
        decideAnswer(&decision, element, place.hook, failed, attempt, &random)
        decideTiming(&decision, element, &random)
        // An anchor may be asked twice about one Close.
        let writes = element.kind == .anchor && (place.hook == .request || place.hook == .close) ? 0 : plan.rates.write
        if random.percent(writes) { decision.mark = random.next() >> 40 }
        if random.percent(writes) { decision.value = random.next() >> 40 }
        if decision.mark != nil, case .later = decision.timing { decision.writesLate = random.percent(50) }
        if random.percent(plan.rates.act) { decision.act = decideAct(place.hook, &random) }
        return decision
    }

    private func decideAnswer(
        _ decision: inout Decision, _ element: ElementPlan, _ hook: Hook, _ failed: Bool, _ attempt: UInt32, _ random: inout SplitMix64
    ) {
        let mayAgain = hook == .requestReply && element.saysAgain && failed && attempt < 4
        let (again, fail, done) = (random.percent(plan.rates.again), random.percent(plan.rates.fail), random.percent(plan.rates.done))
        let code = random.one(of: Script.codes)
        switch element.kind {
        case .connector: break
        case .anchor: if fail, hook == .requestReply || hook == .closeReply { decision.answer = .fail(code) }
        case .plain, .inert:
            if random.percent(plan.rates.wrong) {
                decision.answer = .wrong(hook == .requestReply && element.saysAgain && failed ? 77 : random.one(of: [77, CATENA_AGAIN]))
            } else if mayAgain, again {
                decision.answer = .again
            } else if fail {
                decision.answer = .fail(code)
            } else if done {
                decision.answer = .done
            }
        }
    }

    private func decideTiming(_ decision: inout Decision, _ element: ElementPlan, _ random: inout SplitMix64) {
        let (isPending, isInside, isFar) = (random.percent(plan.rates.pending), random.percent(30), random.percent(20))
        let place = random.below(plan.loops + 1) - 1
        let delay = UInt64(random.below(isFar ? 40_000 : 3000))
        // The turn passes with the reply of an anchor; on the way in its queue decides.
        if isPending, element.kind != .anchor { decision.timing = isInside ? .inside : .later(plan.isCalm ? delay % 4 : delay, place: place) }
        if !plan.isCalm, element.kind == .plain, random.percent(plan.rates.never) { decision.timing = .never }
        if random.percent(plan.rates.prank) { decision.prank = random.one(of: [.twice, .stale, .both]) }
        if decision.prank == .both, decision.timing != .now { decision.prank = .twice }
        if element.kind != .plain, decision.prank != .stale { decision.prank = nil }
    }

    private func decideAct(_ hook: Hook, _ random: inout SplitMix64) -> Decision.Act {
        let delay = UInt64(random.percent(50) ? 0 : 1 + random.below(plan.isCalm ? 3 : 10_000))
        let span = UInt64(random.below(plan.isCalm ? 4 : 15_000))
        if plan.fires, random.percent(50) { return decideJob(&random) }
        switch random.below(plan.isCalm ? 6 : 9) {
        case 0, 1: return .event(.request, CATENA_EVENT, ownMessage: random.percent(50), delay: delay)
        case 2: return .event(.close, random.percent(40) ? CATENA_RESELECT : CATENA_EVENT, ownMessage: random.percent(50), delay: delay)
        case 3: return .post(delay: delay)
        case 4: return .timer(span)
        case 5: return .cancelTimer
        case 6: return .cancelOperation(delay: delay)
        default: return .deadlineBelow(1 + span)
        }
    }

    private func decideJob(_ random: inout SplitMix64) -> Decision.Act {
        let span = UInt64(random.below(plan.isCalm ? 4 : 6000))
        let end: JobPlan.End =
            switch random.below(plan.isCalm ? 7 : 8) {
            case 0: .atOnce
            case 1...4: .after
            case 5, 6: .later(span, place: random.below(plan.loops + 1) - 1)
            default: .never
            }
        let verb: Verb? = random.percent(15) ? nil : random.percent(50) ? .close : .request
        let job = JobPlan(verb: verb, end: end, cancels: random.percent(35), isTwice: random.percent(10))
        return .job(job, delay: UInt64(random.percent(50) ? 0 : 1 + random.below(plan.isCalm ? 3 : 5000)))
    }

    func reply(_ key: UInt64, _ verb: Verb, _ turn: Int) -> HopReply {
        let hook = verb == .request ? Hook.request : .close
        guard !isOver, !quiet.contains(Place(key: key, element: -1, hook: hook, turn: turn)) else { return HopReply() }
        var random = SplitMix64(SplitMix64.hash(plan.seed, key, 0, UInt64(Script.number(hook)), UInt64(turn)))
        var reply = HopReply()
        if random.percent(plan.rates.fail) {
            reply.code = random.one(of: Script.codes)
            reply.isIndefinite = random.percent(40)
        }
        if random.percent(plan.rates.pending) {
            let isFar = random.percent(20)
            let delay = UInt64(random.below(isFar ? 60_000 : 3000))
            reply.delay = plan.isCalm ? delay % 4 : delay
            reply.place = random.below(plan.loops + 1) - 1
        }
        return reply
    }

    /// A call that an element begins in a hook; number `index` of them.
    static func child(of place: Place, _ index: UInt64 = 0) -> UInt64 {
        SplitMix64.hash(place.key, UInt64(place.element), UInt64(number(place.hook)), UInt64(place.turn), index) | 1 << 63
    }

    private static func number(_ hook: Hook) -> Int {
        switch hook {
        case .request: 1
        case .requestReply: 2
        case .close: 3
        case .closeReply: 4
        default: 5
        }
    }
}
