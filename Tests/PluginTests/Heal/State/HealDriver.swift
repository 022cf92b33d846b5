// SPDX-License-Identifier: Apache-2.0
// A connection's machine with a clock of its own. What it wants done is one line, so that a test reads like a story.
@testable internal import HealElement

struct HealDriver {
    static let rules = HealRules(
        reselectAfter: 10_000_000_000, backoff: 100_000_000, backoffMax: 5_000_000_000, maxAttempts: 0, maxFailures: nil)

    var state: HealState
    /// Milliseconds.
    var now: UInt64 = 1_000_000
    var until: UInt64?
    /// The shortest pauses.
    var chance: UInt64 = 0
    private(set) var notes: [HealNote] = []

    /// A connection that has been up for a while, or a new one.
    init(_ role: HealRole = .client, checked: Bool = false, isNew: Bool = false, _ change: (inout HealRules) -> Void = { _ in }) {
        var rules = Self.rules
        if checked { rules.maxFailures = 3 }
        change(&rules)
        state = HealState(rules)
        state.role = role
        guard !isNew else { return }
        _ = begins()
        _ = succeeded()
        pass(60_000)
    }

    var moment: HealMoment {
        HealMoment(now: now * 1_000_000, until: until.map { $0 * 1_000_000 }, chance: chance)
    }

    mutating func pass(_ milliseconds: UInt64) { now += milliseconds }

    // MARK: Inputs

    mutating func begins() -> String { line { state, _, actions in state.requestBegins(&actions) } }
    mutating func succeeded() -> String { line { $0.requestSucceeded($1, &$2) } }
    mutating func failed() -> String { line { $0.requestFailed($1, &$2) } }
    mutating func sees(_ sight: HealSight) -> String { line { $0.sees(sight, $1, &$2) } }
    mutating func checked(_ isAlive: Bool) -> String { line { $0.checked(isAlive: isAlive, $1, &$2) } }
    mutating func place() -> String { line { $0.placeIsFree($1, &$2) } }
    mutating func closes() -> String { line { state, _, actions in state.closeBegins(&actions) } }
    mutating func closeRefused() -> String { line { $0.closeRefused($1, &$2) } }
    mutating func ends(isReplaced: Bool = false) -> String { line { state, _, actions in state.end(isReplaced: isReplaced, &actions) } }

    /// The element's own Request has ended; well, also at its reply hook.
    mutating func own(_ isGood: Bool, unanswered: Bool = false) -> String {
        line { state, moment, actions in
            if isGood { state.requestSucceeded(moment, &actions) }
            state.ownEnded(isGood ? .succeeded : .failed(isUnanswered: unanswered), moment, &actions)
        }
    }

    mutating func time(after milliseconds: UInt64) -> String {
        pass(milliseconds)
        return line { $0.timeIsUp($1, &$2) }
    }

    /// Three checks, all with the same end.
    mutating func dies() -> String { [checked(false), checked(false), checked(false)].filter { !$0.isEmpty }.joined(separator: ", ") }


    private mutating func line(_ body: (inout HealState, HealMoment, inout HealState.Actions) -> Void) -> String {
        var actions: HealState.Actions = []
        body(&state, moment, &actions)
        for case .note(let note) in actions { notes.append(note) }
        return actions.compactMap(Self.text).joined(separator: ", ")
    }

    private static func text(_ action: HealAction) -> String? {
        switch action {
        case .request(let reselects): reselects ? "reselect" : "request"
        case .withdraw: "withdraw"
        case .wait(let span): "wait \(span / 1_000_000)"
        case .stopWaiting: "stop waiting"
        case .askForPlace: "ask"
        case .leavePlace: "leave"
        case .watch: "watch"
        case .stopWatching: "stop watching"
        case .check: "check"
        case .stopChecking: "stop checking"
        case .retireTransport: "retire"
        case .note: nil
        }
    }
}
