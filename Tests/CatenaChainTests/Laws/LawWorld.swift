// SPDX-License-Identifier: Apache-2.0
// Everything around the engine in one case: clock, loops, callers, next hops, and the watches that judge what happens. It moves
// only when the runner says so, in an order that the seed decides.

import CatenaABI

@testable import CatenaChain

/// The world of a case. One thread runs it.
final class LawWorld: @unchecked Sendable {  // the sentence above
    let plan: LawCase
    var script: Script
    let clock = ManualClock()
    let loops: [ManualLoop]
    let bank = MessageBank()
    let log = TestLog()
    let book: LawBook
    let slots: SlotWatch
    let tickets: TicketWatch
    let duties: DutyWatch
    let operations: OperationWatch
    private(set) var elements: [ScriptedElement] = []
    private(set) var engine: Engine!  // made last, as it asks the elements at once
    /// Places where something else than NEXT was decided.
    private(set) var loud: [Place] = []
    /// Calls that wait for a client call which was disturbed.
    var disturbedHolders: Set<UInt64> {
        var holders: Set<UInt64> = []
        for key in book.disturbed {
            var place = key
            // What such a call leaves behind is not known; in a calm case it is only cut short by the end of its connection.
            while let parent = children[place] ?? (plan.isCalm ? nil : aside[place]) {
                place = parent
                holders.insert(parent)
            }
        }
        return holders
    }
    /// Events that began when the script was over.
    var closingEvents: Set<UInt64> = []
    var endedLegs: Set<catena_leg> = []
    var jobs: [LawJob] = []
    /// Keys of the Closes that end an incarnation.
    var removals: Set<UInt64> = []
    /// What is to happen later.
    private var deferred: [(at: UInt64, order: Int, place: Int, work: () -> Void)] = []
    private var order = 0
    private var counts: [Place: Int] = [:]
    /// How much elements may still begin.
    private var budget = 12
    var events: UInt64 = 0
    /// Events on their way to the anchor whose message bears their key.
    var named: Set<UInt64> = []
    /// Client calls, and the call that waits for each.
    var children: [UInt64: UInt64] = [:]
    /// The call that each call object of the engine serves, by the part of its tickets that says so.
    var cells: [UInt64: UInt64] = [:]
    /// Client calls that nobody waits for, and the call in which each was begun.
    var aside: [UInt64: UInt64] = [:]
    /// Events that began just after the anchor.
    var inner: [UInt64: (verb: Verb, reason: catena_reason, connection: Int)] = [:]

    init(_ plan: LawCase, quiet: Set<Place>) throws {
        self.plan = plan
        script = Script(plan, quiet: quiet)
        loops = (0..<plan.loops).map { [clock] _ in ManualLoop(clock: clock) }
        book = LawBook(clock: clock)
        slots = SlotWatch(book: book)
        tickets = TicketWatch(book: book)
        duties = DutyWatch(plan, book: book)
        operations = OperationWatch(book: book)
        tickets.settled = { [unowned self] hold, verdict in
            book.add(.verdict(hold.key, hold.element, hold.hook, verdict))
            duties.settled(hold, verdict)
            if hold.hook == .requestReply, !hold.failed, isAnchor(hold.element) { duties.opened(hold.conn) }
        }
        tickets.refused = { [unowned self] hold in
            if plan.elements[hold.element].isTakenOut { takeOut(hold, isHeard: book.depth == 0) }
        }
        let names = ["chain", "client", "deep"]
        elements = plan.chains.indices.flatMap { chain in
            plan.chains[chain].indices.map { LawElement.make(self, chain: chain, position: $0, uses: chain + 1 < names.count ? names[chain + 1] : "") }
        }
        var specs: [ChainSpec] = []
        for (index, chain) in plan.chains.enumerated() {
            let members = try chain.indices.map { try elements[plan.number(index, $0)].spec() }
            specs.append(ChainSpec(name: names[index], isServed: index == 0, elements: members))
        }
        engine = try Engine(
            specs, loops: loops, messages: TestMessage.api, transports: LawTransports(world: self), log: log, options: plan.options)
    }

    /// Lets go of what refers back to this.
    func forget() {
        for element in elements { element.forget() }
        for loop in loops { loop.forget() }
        tickets.settled = { _, _ in }
        tickets.refused = { _ in }
        operations.forget()
        engine = nil
    }

    /// What the hook that runs was told of the part below.
    var below: UnsafePointer<catena_error>?

    /// Where the laws' part of a connection slot begins.
    func slotShift(_ element: Int) -> Int { plan.runsModule && isAnchor(element) ? LawModuleAnchor.slotSize : 0 }

    func isAnchor(_ element: Int) -> Bool { plan.elements[element].kind == .anchor }

    /// The loop that runs now; -1: none.
    var loop: Int { loops.firstIndex { $0.isCurrent } ?? -1 }

    /// What names a connection runs on its home.
    func checkLoop(_ conn: catena_conn, _ what: @autoclosure () -> String) {
        let home = duties.home(conn)
        book.check(home == nil || home == loop, 3, "\(what()) runs on loop \(loop), and conn \(conn) is at home on \(home ?? -1)")
    }

    /// Has the connection of this event ended? Then its starter was told so.
    func hasEnded(_ key: UInt64) -> Bool {
        operations.all.contains { $0.key == key && (key < 1 << 63 || children[key] == nil) && duties.hasEnded($0.conn) }
    }

    private(set) var isAborted = false

    func abort() {
        book.note("the host waits for nobody any more")
        isAborted = true
        engine.abort()
    }

    /// Some element was taken out, and what it would have done is missing.
    private(set) var isMaimed = false

    /// - Parameter isHeard: the host has heard when the hook returns.
    func takeOut(_ hold: TicketWatch.Hold, isHeard: Bool) {
        book.add(.met(.takenOut))
        isMaimed = true
        duties.takeOut(hold.element)
        if isHeard { tickets.takeOut(hold) }
    }

    // MARK: The script

    /// What to do at this place, asked once for each time it is reached.
    func decide(_ key: UInt64, _ element: Int, _ hook: Hook, failed: Bool, attempt: UInt32) -> (Place, Decision) {
        let place = next(key, element, hook)
        let decision = script.decide(place, failed: failed, attempt: attempt)
        if !decision.isPlain || decision.dice != 1 && plan.elements[element].kind != .plain { loud.append(place) }
        return (place, decision)
    }

    func reply(_ key: UInt64, _ verb: Verb) -> HopReply {
        let place = next(key, -1, verb == .request ? .request : .close)
        let reply = script.reply(key, verb, place.turn)
        if reply.code != CATENA_OK || reply.delay != nil { loud.append(place) }
        return reply
    }

    private func next(_ key: UInt64, _ element: Int, _ hook: Hook) -> Place {
        let first = Place(key: key, element: element, hook: hook, turn: 0)
        let turn = counts[first, default: 0]
        counts[first] = turn + 1
        return Place(key: key, element: element, hook: hook, turn: turn)
    }

    /// May an element begin one thing more?
    func spend() -> Bool {
        budget -= 1
        return budget >= 0
    }

    /// What has ended is gone, and what is there is not.
    func checkGone(_ isGone: Bool, _ conn: catena_conn, _ what: String) {
        book.check(isGone || !duties.hasEnded(conn), 4, "\(what) was accepted for conn \(conn), which has ended")
        book.check(!isGone || !duties.isBegun(conn) || duties.hasEnded(conn) || duties.isUnsure(conn), 6, "\(what) was refused for conn \(conn), which is there")
    }

    // MARK: Later

    /// Does something after `delay`, on a loop or, for -1, on a thread that is none.
    func later(_ delay: UInt64, place: Int, _ work: @escaping () -> Void) {
        order += 1
        deferred.append((clock.now + delay, order, place, work))
    }

    var nextDeferred: UInt64? { deferred.map(\.at).min() }
    var dueDeferred: Int { deferred.count { $0.at <= clock.now } }

    /// Does what is due, number `index` of it.
    func runDeferred(_ index: Int) {
        let due = deferred.indices.filter { deferred[$0].at <= clock.now }
        guard index < due.count else { return }
        let item = deferred.remove(at: due[index])
        guard item.place >= 0 else { return item.work() }
        loops[item.place].enter(item.work)
    }
}
