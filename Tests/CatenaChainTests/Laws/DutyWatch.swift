// SPDX-License-Identifier: Apache-2.0
// Laws 1, 2, 3 and 8, whatever else happens in a case: who was entered sees a Close before its slot goes, a rollback is complete
// and in order, and below the anchor there is one call at a time.

import CatenaABI

@testable import CatenaChain

/// What the host owes to elements that were entered.
final class DutyWatch {
    /// One incarnation of a connection.
    private struct Incarnation {
        let loop: Int?
        /// The call that is below the anchor.
        var runs: UInt64?
        /// Elements that were entered and have seen no Close since.
        var owed: Set<Int> = []
        /// Elements whose slot was dropped, in order.
        var dropped: [Int] = []
        var isOpen = false
    }

    private let book: LawBook
    private let plan: LawCase
    private var incarnations: [catena_conn: Incarnation] = [:]
    /// The same for legs; a guard that refused its Close leaves it as it is.
    private var legs: [catena_leg: Set<Int>] = [:]
    /// Connections with a leg whose Close a guard refused: its connector may never come to close it.
    private var refused: Set<catena_conn> = []
    /// Elements that do not answer are not called again for their connection, and keep its slot.
    private var silent: [catena_conn: Set<Int>] = [:]
    private var silentLegs: [catena_leg: Set<Int>] = [:]
    private var silentCalls: [UInt64: Set<Int>] = [:]

    /// Elements that were taken out: Closes pass them by, and their slots are dropped as all others.
    private var out: Set<Int> = []

    func takeOut(_ element: Int) { out.insert(element) }

    /// Connections that were kept after a Close failed: a Request that fails then undoes who was not entered by it, too.
    private var kept: Set<catena_conn> = []

    func keep(_ conn: catena_conn) { kept.insert(conn) }

    private func isSilent(_ hold: TicketWatch.Hold) -> Bool {
        let there = hold.leg == 0 ? silent[hold.conn] : silentLegs[hold.leg]
        return out.contains(hold.element) || there?.contains(hold.element) == true || silentCalls[hold.key]?.contains(hold.element) == true
    }
    /// Connections that end without waiting for the last calls of their legs.
    var hasAside: Set<catena_conn> = []
    /// Elements that a first Request has entered and nobody has undone, by call.
    private var entered: [UInt64: Set<Int>] = [:]

    init(_ plan: LawCase, book: LawBook) {
        self.plan = plan
        self.book = book
    }

    /// Is this element of the served chain below the anchor?
    private func isBelow(_ element: Int) -> Bool {
        guard let anchor = plan.anchor else { return false }
        return element > anchor && element < plan.chains[0].count
    }

    private func isAbove(_ element: Int) -> Bool { plan.anchor.map { element < $0 } ?? false }

    /// The loop of a connection, once it is known.
    func home(_ conn: catena_conn) -> Int? { incarnations[conn].flatMap(\.loop) }

    /// Somebody keeps a slot of this connection, so that its end is not seen here.
    func isUnsure(_ conn: catena_conn) -> Bool { silent[conn] != nil }
    func isBegun(_ conn: catena_conn) -> Bool { incarnations[conn] != nil }
    func isOpen(_ conn: catena_conn) -> Bool { incarnations[conn]?.isOpen ?? false }
    func hasEnded(_ conn: catena_conn) -> Bool { incarnations[conn].map { !$0.dropped.isEmpty } ?? false }
    var openCount: Int { incarnations.values.count { $0.isOpen } }

    // MARK: Hooks

    func enter(_ hold: TicketWatch.Hold, loop: Int, failed: Bool) {
        if isBelow(hold.element) { enterBelow(hold, loop: loop) }
        // Another try: what the last one entered was undone, or closed with its connection.
        if hold.hook == .request, hold.element == plan.anchor {
            forget(hold.key, below: hold.element)
            firsts[hold.key] = nil
        }
        if hold.reason == CATENA_ROLLBACK, isRequest(hold.key) { undo(hold) }
        if hold.hook == .requestReply, failed, hold.flags & CATENA_HOP_FIRST != 0 {
            let left = (entered[hold.key] ?? []).subtracting(out).filter { $0 > hold.element && canUndo($0) }
            book.check(left.isEmpty, 2, "e\(hold.element) sees the failure of call \(hold.key) before \(left.sorted()) are undone")
        }
    }

    /// Calls whose request hooks were seen: a Close in one of them undoes it.
    private var requests: Set<UInt64> = []
    private func isRequest(_ key: UInt64) -> Bool { requests.contains(key) }

    /// Was the part below the anchor a first Request, the last time that a call was there?
    private var firsts: [UInt64: Bool] = [:]

    private func canUndo(_ element: Int) -> Bool {
        plan.elements[element].has(.close) || plan.elements[element].has(.closeReply)
    }

    private func enterBelow(_ hold: TicketWatch.Hold, loop: Int) {
        var incarnation = incarnations[hold.conn] ?? Incarnation(loop: loop)
        book.check(hold.conn != 0, 4, "e\(hold.element).\(hold.hook.rawValue) has no connection number")
        book.check(incarnation.loop == loop, 3, "conn \(hold.conn) is at home on loop \(incarnation.loop ?? -1), and e\(hold.element) runs on \(loop)")
        book.check(incarnation.dropped.isEmpty, 4, "e\(hold.element).\(hold.hook.rawValue) is called for conn \(hold.conn), which has ended")
        book.check(
            incarnation.runs == nil || incarnation.runs == hold.key, 3,
            "e\(hold.element).\(hold.hook.rawValue) of call \(hold.key) runs while call \(incarnation.runs ?? 0) is below the anchor")
        incarnation.runs = hold.key
        if hold.hook == .request { firsts[hold.key] = hold.flags & CATENA_HOP_FIRST != 0 }
        incarnations[hold.conn] = incarnation
    }

    /// The anchor's reply hook, or the end of an event that began below it: the way below is free.
    func leaveBelow(_ key: UInt64, _ conn: catena_conn) {
        guard incarnations[conn]?.runs == key else { return }
        incarnations[conn]?.runs = nil
    }

    private func undo(_ hold: TicketWatch.Hold) {
        let element = hold.element
        book.check(firsts[hold.key] != false, 8, "call \(hold.key) is no first Request, and e\(element) is undone")
        if isAbove(element) || isSilent(hold) || hold.hook == .closeReply && plan.elements[element].has(.close) { return }
        let open = (entered[hold.key] ?? []).subtracting(out).filter(canUndo)
        // An absent request hook is NEXT, and nobody saw it.
        let isUnentered = kept.contains(hold.conn) || !plan.elements[element].has(.request)
        book.check(open.contains(element) || isUnentered, 2, "e\(element) is undone in call \(hold.key), which had not entered it, or twice")
        book.check(open.max() ?? 0 <= element, 2, "e\(element) is undone before \(open.filter { $0 > element })")
        entered[hold.key]?.remove(element)
        incarnations[hold.conn]?.owed.remove(element)
        legs[hold.leg]?.remove(element)
    }

    /// The element does not answer. The host owes it nothing for this connection but its slot.
    func forsaken(_ hold: TicketWatch.Hold) {
        let element = hold.element
        if hold.leg != 0 {
            silentLegs[hold.leg, default: []].insert(element)
        } else if hold.conn != 0 {
            silent[hold.conn, default: []].insert(element)
        }
        silentCalls[hold.key, default: []].insert(element)
        incarnations[hold.conn]?.owed.remove(element)
        legs[hold.leg]?.remove(element)
        entered[hold.key]?.remove(element)
    }

    // MARK: Verdicts

    func settled(_ hold: TicketWatch.Hold, _ verdict: catena_verdict) {
        let element = hold.element
        if hold.hook == .request { requests.insert(hold.key) }
        // The end of an incarnation goes on whatever a guard says; a client chain's says it to a Close like any other.
        let isFinal = hold.reason == CATENA_REMOVED && hold.leg == 0
        let refuses = hold.hook == .close && plan.elements[element].isGuard && verdict == CATENA_FAIL && !isRequest(hold.key) && !isFinal
        if refuses, hold.leg != 0 { refused.insert(hold.conn) }
        guard !isSilent(hold) else { return }
        switch hold.hook {
        case .request where verdict == CATENA_NEXT || verdict == CATENA_DONE:
            if hold.flags & CATENA_HOP_FIRST != 0 { entered[hold.key, default: []].insert(element) }
            guard plan.elements[element].has(.close) else { return }
            if isBelow(element) { incarnations[hold.conn]?.owed.insert(element) }
            if hold.leg != 0 { legs[hold.leg, default: []].insert(element) }
        case .request:
            requests.insert(hold.key)
        // A leg is dropped after a Close, whatever its reason.
        case .close where (hold.reason != CATENA_RESELECT || hold.leg != 0) && !isRequest(hold.key):
            if hold.leg != 0 {
                if !refuses { legs[hold.leg]?.remove(element) }
            } else if isBelow(element) {
                if !refuses { incarnations[hold.conn]?.owed.remove(element) }
            }
        default: break
        }
    }

    /// The connection is open from here on.
    func opened(_ conn: catena_conn) { incarnations[conn]?.isOpen = true }

    /// AGAIN: what the last try entered has been undone.
    func forget(_ key: UInt64, below element: Int) { entered[key]?.formIntersection(0...element) }

    // MARK: Ends

    func dropped(_ element: Int, _ conn: catena_conn, leg: catena_leg?, _ reason: catena_reason) {
        if isBelow(element) {
            incarnations[conn]?.isOpen = false
            let owed = (incarnations[conn]?.owed ?? []).subtracting(out)
            book.check(owed.isEmpty || reason == CATENA_STOPPING, 1, "conn \(conn) ends (\(Name.of(reason: reason))), and \(owed.sorted()) have seen no Close")
            // Slots of those who do not answer go when they do.
            if silent[conn]?.contains(element) == true { return }
            book.check(incarnations[conn]?.dropped.last.map { $0 > element } ?? true, 4, "e\(element) drops its slot of conn \(conn) after one above it, or twice")
            incarnations[conn, default: Incarnation(loop: nil)].dropped.append(element)
        } else if let leg, leg != 0, let owed = legs[leg]?.subtracting(out) {
            let isInner = element >= plan.chains[0].count + plan.chains[1].count
            let endsFirst = LawSwitches.standard.innerLegsEndFirst && isInner && hasAside.contains(conn)
            let isExcused = endsFirst || refused.contains(conn) || reason == CATENA_STOPPING || !plan.isCalm
            book.check(owed.isEmpty || isExcused, 1, "leg \(leg) ends, and \(owed.sorted()) have seen no Close")
        }
    }

    /// The case is over.
    func end() {
        let slots = plan.chains[0].indices.filter { isBelow($0) && plan.chains[0][$0].hasConnSlot }
        for (number, incarnation) in incarnations {
            let expected = slots.filter { silent[number]?.contains($0) != true }
            book.check(incarnation.dropped == expected.reversed(), 4, "conn \(number): the slots of \(expected) were dropped as \(incarnation.dropped)")
        }
    }
}
