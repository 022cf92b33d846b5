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
    /// Hooks that are not answered before the end of the case; the host answers for them, if it may.
    private(set) var forsaken: Set<catena_call> = []
    /// Hooks that are answered twice before the first answer is heard: they have failed.
    private var spoiled: Set<catena_call> = []
    /// Instances that were taken out.
    private var out: Set<ObjectIdentifier> = []
    /// Calls that wait for an element.
    private var waiting: [UInt64: catena_call] = [:]
    /// The last tickets of each element that are over.
    private var old: [Int: catena_call] = [:]
    /// The hook that each call has come to.
    private var latest: [UInt64: catena_call] = [:]
    /// What an element said, when it is settled.
    var settled: (Hold, catena_verdict) -> Void = { _, _ in }
    /// An answer was one too many.
    var refused: (Hold) -> Void = { _ in }

    init(book: LawBook) { self.book = book }

    /// Hooks that are PENDING, and will be answered.
    var outstanding: [Hold] { waiting.values.compactMap { states[$0]?.hold } }

    /// The hook is not going to be answered before the end of the case.
    func forsake(_ ticket: catena_call) { forsaken.insert(ticket) }

    /// The instance is not to be called any more, when its hook has returned.
    func takeOut(_ hold: Hold) { out.insert(ObjectIdentifier(hold.instance)) }

    func spoil(_ ticket: catena_call) { spoiled.insert(ticket) }

    /// Answers what was not answered, and uses what belongs to the hook until then.
    ///
    /// - Returns: false if there was nothing left to answer.
    func answerForsaken() -> Bool {
        var isAnswered = false
        for ticket in forsaken.sorted() {
            guard let hold = states[ticket]?.hold, states[ticket]?.state == .pending else { continue }
            hold.touch()
            states[ticket]?.state = .answered
            let host = hold.instance.host
            let status = host.pointee.resume(host, ticket, CATENA_NEXT, nil)
            book.add(.resumed(hold.key, hold.element, hold.hook, CATENA_NEXT, status))
            // A call without a deadline has waited until now.
            if status == CATENA_OK { settled(hold, CATENA_NEXT) } else { book.add(.met(.writtenOff)) }
            isAnswered = true
        }
        return isAnswered
    }

    func hold(_ ticket: catena_call) -> Hold? { states[ticket]?.hold }

    func isPending(_ ticket: catena_call) -> Bool { states[ticket]?.state == .pending }

    /// - Returns: false if this hook was cancelled before.
    func cancel(_ ticket: catena_call) -> Bool { cancelled.insert(ticket).inserted }

    func begin(_ ticket: catena_call, _ hold: Hold) {
        book.check(states[ticket] == nil, 5, "e\(hold.element).\(hold.hook.rawValue) got a ticket that was given before")
        book.check(waiting[hold.key] == nil, 3, "e\(hold.element).\(hold.hook.rawValue) was called while another hook of the call is PENDING")
        book.check(!out.contains(ObjectIdentifier(hold.instance)), 3, "e\(hold.element).\(hold.hook.rawValue) is called, and it was taken out")
        for owing in forsaken {
            guard let (other, state) = states[owing], state == .pending, other.element == hold.element else { continue }
            let isSame = other.key == hold.key || hold.conn != 0 && other.conn == hold.conn && other.leg == hold.leg
            book.check(!isSame, 3, "e\(hold.element).\(hold.hook.rawValue) is called, and its \(other.hook.rawValue) is not answered")
        }
        states[ticket] = (hold, .running)
        latest[hold.key] = ticket
    }

    /// The hook has returned.
    func end(_ ticket: catena_call, _ verdict: catena_verdict) {
        guard let (hold, state) = states[ticket] else { return }
        old[hold.element] = ticket
        guard verdict == CATENA_PENDING else {
            states[ticket]?.state = .answered
            return settled(hold, spoiled.contains(ticket) ? CATENA_FAIL : verdict)
        }
        guard state == .running else { return }
        states[ticket]?.state = .pending
        if !forsaken.contains(ticket) { waiting[hold.key] = ticket }
    }

    /// - Parameter counts: the hook is going to be PENDING, so that this is its answer.
    @discardableResult
    func resume(_ ticket: catena_call, _ answer: Decision.Answer, counts: Bool = true) -> catena_status {
        guard let (hold, state) = states[ticket] else { return CATENA_GONE }
        // A second answer before the first is heard is a fault, which only those make who are to.
        guard state != .answered || isHeard(ticket, hold.key) || spoiled.contains(ticket) else { return CATENA_GONE }
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
        if status == CATENA_GONE { refused(hold) }
        let expected = state == .answered ? CATENA_GONE : CATENA_OK
        book.check(
            status == expected, 5,
            "resume of e\(hold.element).\(hold.hook.rawValue) (\(state)) said \(Name.of(status: status)), not \(Name.of(status: expected))")
        if state != .answered, counts, status == CATENA_OK { settled(hold, spoiled.contains(ticket) ? CATENA_FAIL : verdict) }
        return status
    }

    /// The host has certainly gone on after this hook: to another one, or to the end. Who has left is answered before that.
    private func isHeard(_ ticket: catena_call, _ key: UInt64) -> Bool {
        latest[key] != ticket || book.isQuiet(key) && book.answers[key] != nil
    }

    /// Resumes a ticket of this element that is over.
    func prank(_ element: Int, but ticket: catena_call) {
        guard let stale = old[element], stale != ticket, let (hold, state) = states[stale], state == .answered else { return }
        guard isHeard(stale, hold.key) else { return }
        resume(stale, .fail(CATENA_INTERNAL))
    }
}

extension TicketWatch.Hold {
    /// What the hook was given is its own until it resumes, whatever the host has said meanwhile.
    func touch() {
        LawWorld.set(hop.message, LawWorld.markField, 0xfade)
        if hop.values != nil { instance.value(0, hop).pointee = 0xfade }
        if let slot = hop.call_slot { slot.storeBytes(of: 0xfade, toByteOffset: 8, as: UInt64.self) }
        if let slot = hop.conn_slot { slot.assumingMemoryBound(to: ConnSlot.self).pointee.own = 0xfade }
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
