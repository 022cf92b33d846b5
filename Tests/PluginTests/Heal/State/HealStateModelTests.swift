// SPDX-License-Identifier: Apache-2.0
// Random lives of a connection's machine: Requests, Closes, news and checks in any order. Each step is looked at by the model, and in
// the end it is up and nothing is left. A failure prints its seed; CATENA_SEED runs that one again.
internal import Foundation
internal import Testing

@testable internal import HealElement

@Suite("HealState: any order")
struct HealStateModelTests {
    @Test("whatever happens in whatever order, every promise is kept and nothing is left behind")
    func anyOrder() {
        if let text = ProcessInfo.processInfo.environment["CATENA_SEED"], let seed = UInt64(text) { return run(seed) }
        let first = UInt64.random(in: 1...UInt64.max / 2)
        for seed in first..<first + 3_000 { run(seed) }
    }

    private func run(_ seed: UInt64) {
        var life = HealLife(seed: seed)
        for _ in 0..<120 where life.broken.isEmpty { life.step() }
        life.rest()
        #expect(life.broken.isEmpty, "CATENA_SEED=\(seed)\n\(life.story.joined(separator: "\n"))")
    }
}

/// One life of a connection. What the world would know is kept beside the machine, by the simplest means.
struct HealLife {
    private var random: SplitMix
    private var state: HealState
    private var now: UInt64 = 1_000_000_000
    private let until: UInt64?
    private let rules: HealRules
    private(set) var story: [String] = []
    private(set) var broken: [String] = []

    // The world.
    private var hasBegun = false
    private var isOutsideBelow = false
    private var isOwnUnderWay = false
    private var isOwnWithdrawn = false
    private var hasAsked = false
    private var isClosing = false
    private var timer: UInt64?
    private var isWatched = false
    private var isChecked = false
    private var isLost = false
    private var triesWhileLost = 0
    /// Attempts of its own since a Request that went well or good news.
    private var triesInARow = 0
    private var lastOwn: UInt64?

    init(seed: UInt64) {
        random = SplitMix(state: seed)
        rules = HealRules(
            reselectAfter: 10_000, backoff: 100, backoffMax: 5_000, maxAttempts: Int.random(in: 0...3, using: &random),
            maxFailures: Bool.random(using: &random) ? Int.random(in: 1...3, using: &random) : nil)
        until = Int.random(in: 0..<3, using: &random) == 0 ? 1_000_000_000 + UInt64.random(in: 0..<100_000, using: &random) : nil
        state = HealState(rules)
        state.role = Bool.random(using: &random) ? .client : .forwarder
    }

    private mutating func check(_ isKept: Bool, _ promise: String) { if !isKept { broken.append(promise) } }

    // MARK: Steps

    mutating func step() {
        if Int.random(in: 0..<3, using: &random) == 0 { now += UInt64.random(in: 0..<3_000, using: &random) }
        switch Int.random(in: 0..<24, using: &random) {
        case 0..<3: outsideBegins()
        case 3..<6: outsideEnds(isGood: Int.random(in: 0..<3, using: &random) > 0)
        case 6..<12: news([.up, .down, .deleted, .lost, .missing].randomElement(using: &random) ?? .up)
        case 12..<15: checkEnds(isAlive: Bool.random(using: &random))
        case 15..<18: grant()
        case 18..<21: ownEnds(isGood: Bool.random(using: &random))
        case 21..<23: time()
        default: if Int.random(in: 0..<3, using: &random) == 0 { close() }
        }
    }

    /// The world becomes good: what is asked for is given, and the next hop says that it is up.
    mutating func rest() {
        for _ in 0..<20 where broken.isEmpty {
            if isOutsideBelow { outsideEnds(isGood: true) }
            grant()
            ownEnds(isGood: true)
            if !isClosing { news(.up) }
            if rules.maxFailures != nil { checkEnds(isAlive: true) }
            if timer != nil { time() }
        }
        let phase = state.phase
        check(phase == .up || phase == .new || phase == .closing, "in the end it is \(phase)")
        check(!isOwnUnderWay && !hasAsked && timer == nil, "in the end own \(isOwnUnderWay), place \(hasAsked), timer \(timer != nil)")
        change("end") { $0.end(isReplaced: false, &$2) }
        check(!isWatched && !isChecked && !hasAsked && timer == nil, "the end leaves something behind")
    }

    // MARK: The world

    private mutating func change(_ what: String, _ body: (inout HealState, HealMoment, inout HealState.Actions) -> Void) {
        var actions: HealState.Actions = []
        body(&state, HealMoment(now: now, until: until, chance: random.next()), &actions)
        story.append("\(now) \(what): \(actions) \(state.phase)")
        for action in actions { did(action) }
        let (isQuiet, hasPlace, phase) = (state.isQuiet, state.hasPlace, state.phase)
        check(!isQuiet || timer == nil && !hasAsked && !isOwnUnderWay, "it is quiet, and something is under way")
        check(hasPlace == hasAsked, "the machine has a place \(hasPlace), the line says \(hasAsked)")
        check(phase != .closing || timer == nil, "a timer runs while it closes")
    }

    private mutating func did(_ action: HealAction) {
        switch action {
        case .request(let reselects): ownBegins(reselects)
        case .withdraw:
            check(isOwnUnderWay && !isOwnWithdrawn, "nothing is to be withdrawn")
            isOwnWithdrawn = true
        case .wait(let span):
            check(timer == nil, "a second timer")
            timer = now + span
        case .stopWaiting:
            check(timer != nil, "no timer to stop")
            timer = nil
        case .askForPlace:
            check(!hasAsked && !isOwnUnderWay, "a second place")
            hasAsked = true
        case .leavePlace:
            check(hasAsked, "no place to leave")
            hasAsked = false
        case .watch: toggle(\.isWatched, to: true, "watch")
        case .stopWatching: toggle(\.isWatched, to: false, "watch")
        case .check: toggle(\.isChecked, to: true, "check")
        case .stopChecking: toggle(\.isChecked, to: false, "check")
        case .retireTransport: check(!isLost, "a lost way is retired")
        case .note: break
        }
    }

    private mutating func toggle(_ fact: WritableKeyPath<HealLife, Bool>, to value: Bool, _ name: String) {
        check(self[keyPath: fact] != value, "\(name) is \(value) already")
        self[keyPath: fact] = value
    }

    private mutating func ownBegins(_ reselects: Bool) {
        check(!isOwnUnderWay, "two Requests of its own at once")
        check(!isOutsideBelow, "a Request of its own beside one from outside")
        check(hasAsked, "a Request without a place")
        check(!isClosing, "a Request after a Close")
        check(!reselects || state.role == .client, "a forwarder chooses another endpoint")
        check(until.map { now < $0 } ?? true, "a Request after the path has expired")
        check(now >= (lastOwn ?? 0) + (lastOwn == nil ? 0 : rules.backoff), "an attempt \(now - (lastOwn ?? 0)) after the last")
        if isLost { triesWhileLost += 1 }
        triesInARow += 1
        check(triesWhileLost <= 1, "\(triesWhileLost) attempts while the way is lost")
        check(rules.maxAttempts == 0 || triesInARow <= rules.maxAttempts, "\(triesInARow) attempts in a row")
        lastOwn = now
        (isOwnUnderWay, isOwnWithdrawn) = (true, false)
    }

    private mutating func succeeded() {
        (hasBegun, isClosing, triesInARow) = (true, false, 0)
        // As good as the next hop's word.
        (isLost, triesWhileLost) = (false, 0)
    }

    private mutating func outsideBegins() {
        guard !isOutsideBelow else { return }
        isOutsideBelow = true
        change("outside begins") { $0.requestBegins(&$2) }
    }

    private mutating func outsideEnds(isGood: Bool) {
        guard isOutsideBelow else { return }
        isOutsideBelow = false
        if isGood { succeeded() }
        change("outside ends \(isGood)") { state, moment, actions in
            if !isGood { state.requestFailed(moment, &actions) } else if state.isQuiet { state.refreshed() } else {
                state.requestSucceeded(moment, &actions)
            }
        }
    }

    private mutating func ownEnds(isGood: Bool) {
        guard isOwnUnderWay else { return }
        let isGood = isGood && !isOwnWithdrawn && !isClosing, isUnanswered = Bool.random(using: &random)
        isOwnUnderWay = false
        // One that another element began at the same time may have brought it.
        let isSeen = isGood && Int.random(in: 0..<4, using: &random) > 0
        if isGood { succeeded() }
        change("own ends \(isGood)") { state, moment, actions in
            if isSeen { state.requestSucceeded(moment, &actions) }
            state.ownEnded(isGood ? .succeeded : .failed(isUnanswered: isUnanswered), moment, &actions)
        }
    }

    private mutating func news(_ sight: HealSight) {
        guard isWatched else { return }
        if state.phase == .gaveUp || sight == .up || (isLost && sight != .lost) { triesInARow = 0 }
        isLost = sight == .lost
        if !isLost { triesWhileLost = 0 }
        change("sees \(sight)") { $0.sees(sight, $1, &$2) }
    }

    private mutating func checkEnds(isAlive: Bool) {
        guard isChecked else { return }
        if isAlive { triesInARow = state.sight == .up ? 0 : triesInARow }
        change("check \(isAlive)") { $0.checked(isAlive: isAlive, $1, &$2) }
    }

    private mutating func grant() {
        guard hasAsked, !isOwnUnderWay else { return }
        change("place") { $0.placeIsFree($1, &$2) }
    }

    private mutating func time() {
        guard let due = timer else { return }
        timer = nil
        now = max(now, due)
        change("time") { $0.timeIsUp($1, &$2) }
    }

    private mutating func close() {
        guard hasBegun, !isOutsideBelow else { return }
        isClosing = true
        isLost = false
        change("close") { $0.closeBegins(&$2) }
    }
}
