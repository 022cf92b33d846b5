// SPDX-License-Identifier: Apache-2.0
// What happened in a case, in order, and which laws were broken on the way. One thread runs a case, so there is no lock.

import CatenaABI

@testable import CatenaChain

/// One hook as an element saw it, or one call at a next hop: what the model predicts.
struct Step: Equatable {
    /// Number of the element; -1: the next hop.
    var element: Int
    var hook: Hook
    var below: catena_status = CATENA_OK
    var flags: UInt32 = 0
    var reason = CATENA_CALLER
    var attempt: UInt32 = 1
    var mark: UInt64 = 0
    var value: UInt64 = 0
}

/// The record of a case.
final class LawBook {
    enum Event {
        case hook(UInt64, Step, conn: catena_conn)
        case verdict(UInt64, Int, Hook, catena_verdict)
        case resumed(UInt64, Int, Hook, catena_verdict, catena_status)
        case nextHop(UInt64, Verb)
        case turn(UInt64, Int)
        case answer(UInt64, catena_status)
        case dropped(Int, catena_conn, catena_reason)
        case began(UInt64, Verb)
        case left(UInt64)
        case met(LawCoverage.Feature)
        case note(String)
    }

    private(set) var events: [(time: UInt64, event: Event)] = []
    private(set) var violations: [String] = []
    /// The hooks of each call, as the model speaks of them.
    private(set) var steps: [UInt64: [Step]] = [:]
    /// Connections in the order in which calls got their turn.
    private(set) var turns: [(key: UInt64, connection: Int)] = []
    /// Calls for which somebody left or some time ran out.
    var disturbed: Set<UInt64> = []
    /// What callers and completions were told.
    private(set) var answers: [UInt64: (code: catena_status, text: String)] = [:]
    private(set) var depth = 0
    /// Calls whose caller has a deadline.
    var impatient: Set<UInt64> = []
    private let clock: ManualClock

    /// Nobody has left, and no time has run out.
    func isQuiet(_ key: UInt64) -> Bool { !disturbed.contains(key) && !impatient.contains(key) }

    init(clock: ManualClock) { self.clock = clock }

    func add(_ event: Event) { events.append((clock.now, event)) }

    func note(_ text: @autoclosure () -> String) { add(.note(text())) }

    func violate(_ law: Int, _ text: @autoclosure () -> String) {
        guard violations.count < 5 else { return }
        let line = "law \(law): \(text())"
        violations.append(line)
        add(.note("!!! " + line))
    }

    func check(_ holds: Bool, _ law: Int, _ text: @autoclosure () -> String) {
        if !holds { violate(law, text()) }
    }

    /// Runs a hook or a callback: no two of them at once.
    func inside<Result>(_ name: @autoclosure () -> String, _ body: () -> Result) -> Result {
        check(depth == 0, 3, "\(name()) ran inside another hook or callback")
        depth += 1
        defer { depth -= 1 }
        return body()
    }

    func saw(_ key: UInt64, _ step: Step, conn: catena_conn) {
        steps[key, default: []].append(step)
        add(.hook(key, step, conn: conn))
    }

    func reached(_ key: UInt64, _ verb: Verb) {
        steps[key, default: []].append(Step(element: -1, hook: verb == .request ? .request : .close))
        add(.nextHop(key, verb))
    }

    func tookTurn(_ key: UInt64, _ connection: Int) {
        turns.append((key, connection))
        add(.turn(key, connection))
    }

    func answered(_ key: UInt64, _ code: catena_status, _ text: String) {
        check(answers[key] == nil, 6, "call \(key) was answered twice")
        answers[key] = (code, text)
        add(.answer(key, code))
    }
}

extension LawBook: CustomStringConvertible {
    var description: String {
        var names: [UInt64: String] = [:]
        let name = { (key: UInt64) -> String in
            if key < 1000 { return "call \(key)" }
            if let known = names[key] { return known }
            names[key] = "call x\(names.count + 1)"
            return names[key] ?? ""
        }
        return events.map { time, event in "  \(time - 1_000_000_000): " + LawBook.line(event, name) }.joined(separator: "\n")
    }

    private static func line(_ event: Event, _ name: (UInt64) -> String) -> String {
        switch event {
        case .hook(let key, let step, let conn): "\(name(key)) \(step.text)\(conn == 0 ? "" : " conn \(conn)")"
        case .verdict(let key, let element, let hook, let verdict): "\(name(key)) e\(element).\(hook.rawValue) -> \(Name.of(verdict: verdict))"
        case .resumed(let key, let element, let hook, let verdict, let status):
            "\(name(key)) e\(element).\(hook.rawValue) resumed \(Name.of(verdict: verdict)): \(Name.of(status: status))"
        case .nextHop(let key, let verb): "\(name(key)) at the next hop: \(verb)"
        case .turn(let key, let connection): "\(name(key)) has the turn of connection \(connection)"
        case .answer(let key, let code): "\(name(key)) answered \(Name.of(status: code))"
        case .dropped(let element, let conn, let reason): "e\(element) dropped its slot of conn \(conn): \(Name.of(reason: reason))"
        case .began(let key, let verb): "\(name(key)) begins: \(verb)"
        case .left(let key): "\(name(key)): the caller leaves"
        case .met(let feature): "(\(feature.rawValue))"
        case .note(let text): text
        }
    }
}

extension Step {
    var text: String {
        guard element >= 0 else { return "at the next hop: \(hook.rawValue)" }
        let names = [(CATENA_HOP_FIRST, "first"), (CATENA_HOP_CANCELLED, "cancelled"), (CATENA_HOP_EVENT, "event"), (CATENA_HOP_KNOWN, "known")]
        let shown = names.filter { flags & $0.0 != 0 }.map(\.1)
        return "e\(element).\(hook.rawValue)" + (below == CATENA_OK ? "" : " below \(Name.of(status: below))")
            + (shown.isEmpty ? "" : " " + shown.joined(separator: " ")) + (reason == CATENA_CALLER ? "" : " \(Name.of(reason: reason))")
            + (attempt == 1 ? "" : " attempt \(attempt)") + (mark == 0 ? "" : " mark \(mark)") + (value == 0 ? "" : " value \(value)")
    }
}

extension Name {
    static func of(verdict: catena_verdict) -> String {
        let names = ["NEXT", "DONE", "FAIL", "PENDING", "AGAIN"]
        return Int(verdict) < names.count ? names[Int(verdict)] : "\(verdict)"
    }
}
