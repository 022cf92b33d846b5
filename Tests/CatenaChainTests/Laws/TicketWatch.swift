// SPDX-License-Identifier: Apache-2.0
// Law 5: a ticket is good for one answer to one hook. Every resume of a case goes through here, where it is known what the host
// has to say to it.

import CatenaABI

@testable import CatenaChain

/// Follows every ticket of a case.
final class TicketWatch {
    struct Hold {
        let key: UInt64
        let element: Int
        let hook: Hook
        let conn: catena_conn
        let leg: catena_leg
        let reason: catena_reason
        let flags: UInt32
        /// A reply hook: the part below has failed.
        let failed: Bool
        /// A guard below has refused the Close.
        let isRefused: Bool
        let instance: ScriptedInstance
        let hop: catena_hop
    }

    private enum State {
        /// The hook has not returned.
        case running
        case pending
        case answered
    }

    private let book: LawBook
    private var states: [catena_call: (hold: Hold, state: State)] = [:]
    private var cancelled: Set<catena_call> = []
    /// Hooks that are never going to be answered; the host answers for them.
    private var forsaken: Set<catena_call> = []
    /// Calls that wait for an element.
    private var waiting: [UInt64: catena_call] = [:]
    /// The last tickets of each element that are over.
    private var old: [Int: catena_call] = [:]
    /// What an element said, when it is settled.
    var settled: (Hold, catena_verdict) -> Void = { _, _ in }

    init(book: LawBook) { self.book = book }

    /// Hooks that are PENDING, and will be answered.
    var outstanding: [Hold] { waiting.values.compactMap { states[$0]?.hold } }

    /// The hook is not going to be answered before the end of the case.
    func forsake(_ ticket: catena_call) { forsaken.insert(ticket) }

    /// Answers what was never answered: the host has done so long ago.
    func answerForsaken() {
        for ticket in forsaken.sorted() where states[ticket]?.state == .pending {
            states[ticket]?.state = .answered
            resume(ticket, .next)
        }
    }

    func hold(_ ticket: catena_call) -> Hold? { states[ticket]?.hold }

    func isPending(_ ticket: catena_call) -> Bool { states[ticket]?.state == .pending }

    /// - Returns: false if this hook was cancelled before.
    func cancel(_ ticket: catena_call) -> Bool { cancelled.insert(ticket).inserted }

    func begin(_ ticket: catena_call, _ hold: Hold) {
        book.check(states[ticket] == nil, 5, "e\(hold.element).\(hold.hook.rawValue) got a ticket that was given before")
        book.check(waiting[hold.key] == nil, 3, "e\(hold.element).\(hold.hook.rawValue) was called while another hook of the call is PENDING")
        states[ticket] = (hold, .running)
    }

    /// The hook has returned.
    func end(_ ticket: catena_call, _ verdict: catena_verdict) {
        guard let (hold, state) = states[ticket] else { return }
        old[hold.element] = ticket
        guard verdict == CATENA_PENDING else {
            states[ticket]?.state = .answered
            return settled(hold, verdict)
        }
        guard state == .running else { return }
        states[ticket]?.state = .pending
        if !forsaken.contains(ticket) { waiting[hold.key] = ticket }
    }

    /// - Parameter counts: the hook is going to be PENDING, so that this is its answer.
    @discardableResult
    func resume(_ ticket: catena_call, _ answer: Decision.Answer, counts: Bool = true) -> catena_status {
        guard let (hold, state) = states[ticket] else { return CATENA_GONE }
        let host = hold.instance.host
        let verdict = answer.verdict
        if state != .answered, counts {
            states[ticket]?.state = .answered
            if waiting[hold.key] == ticket { waiting[hold.key] = nil }
        }
        let status: catena_status
        if case .fail(let code) = answer {
            status = ScriptedInstance.withError(code, "scripted") { host.pointee.resume(host, ticket, verdict, $0) }
        } else {
            status = host.pointee.resume(host, ticket, verdict, nil)
        }
        book.add(.resumed(hold.key, hold.element, hold.hook, verdict, status))
        let expected = state == .answered ? CATENA_GONE : CATENA_OK
        book.check(
            status == expected, 5,
            "resume of e\(hold.element).\(hold.hook.rawValue) (\(state)) said \(Name.of(status: status)), not \(Name.of(status: expected))")
        if state != .answered, counts, status == CATENA_OK { settled(hold, verdict) }
        return status
    }

    /// Resumes a ticket of this element that is over.
    func prank(_ element: Int, but ticket: catena_call) {
        guard let stale = old[element], stale != ticket, states[stale]?.state == .answered else { return }
        resume(stale, .fail(CATENA_INTERNAL))
    }
}

extension Decision.Answer {
    var verdict: catena_verdict {
        switch self {
        case .next: CATENA_NEXT
        case .done: CATENA_DONE
        case .again: CATENA_AGAIN
        case .fail: CATENA_FAIL
        case .wrong(let number): number
        }
    }
}
