// SPDX-License-Identifier: Apache-2.0
// One hook of one element: the ticket it is given, the verdict it owes, and what a verdict or a failure says when it is not the
// usual NEXT. The walk that calls hooks one after another is in Call+Walk.swift.

internal import CatenaABI
internal import Synchronization

extension Call {
    /// Fills in what differs from hop to hop, and gives the hook its ticket.
    ///
    /// - Parameter owner: number of the instance.
    @inline(__always)
    func prepareHop(_ callSlot: SlotOffset, _ connectionSlot: SlotOffset, owner: Int32) {
        let cell = self.cell
        cell.pointee.step &+= 1
        let step = cell.pointee.step
        cell.pointee.word.store(Ticket.word(step, Ticket.running, owner: owner), ordering: .relaxed)
        cell.pointee.hop.call = cell.pointee.ticketBase | (step & Ticket.stepMask)
        cell.pointee.hop.call_slot = callSlot.pointer(in: cell.pointee.memory)
        cell.pointee.hop.conn_slot = connectionSlot.pointer(in: cell.pointee.connectionBase)
    }

    /// Nobody has resumed the hook that has just said something else than PENDING.
    @inline(__always)
    var isQuiet: Bool {
        cell.pointee.word.load(ordering: .relaxed) & 3 == Ticket.running
    }

    /// The verdict that counts: the hook's own, or for PENDING the one that has come already.
    ///
    /// - Returns: nil if it is still to come; the call then waits for it.
    func settle(_ verdict: catena_verdict, _ instance: Instance, _ kind: Waiting) -> catena_verdict? {
        let owner = Int32(instance.number)
        guard verdict == CATENA_PENDING else {
            guard isQuiet else {
                mail.withLock { $0.letter = nil }
                broke(instance, .resumedAndAnswered)
                giveError(.broken(.resumedAndAnswered, by: instance))
                return CATENA_FAIL
            }
            return verdict
        }
        // Its turn passes on with its reply, so there is nothing to wait for.
        if kind == .outHook, instance.position == plan.pointee.anchor { return CATENA_PENDING }
        waiting = kind
        waitingFor = .passUnretained(instance)
        let exchanged = cell.pointee.word.compareExchange(
            expected: Ticket.word(cell.pointee.step, Ticket.running, owner: owner),
            desired: Ticket.word(cell.pointee.step, Ticket.pending, owner: owner), ordering: .acquiringAndReleasing)
        guard !exchanged.exchanged else {
            armLimit()
            return nil
        }
        // It was resumed before it returned.
        waiting = .nothing
        waitingFor = nil
        return takeMail()
    }

    /// Why the element failed: what it said, or that it said nothing.
    func failure(of number: Int32) -> CallError {
        let instance = engine.instances[Int(number)]
        home.counters.add(engine.failureIndex(number))
        let given = givenError.flatMap { $0.step == cell.pointee.step ? $0.error : nil }
        givenError = nil
        if let given { return given }
        engine.misbehaved(instance, .failedSilently)
        return CallError(CATENA_UNKNOWN, BrokenRule.failedSilently.text, origin: instance.path)
    }

    func misuse(_ number: Int32, _ verdict: catena_verdict, hook: String) -> CallError {
        let instance = engine.instances[Int(number)]
        let rule = BrokenRule.verdict(verdict, hook: hook)
        broke(instance, rule)
        home.counters.add(engine.failureIndex(number))
        return .broken(rule, by: instance)
    }

    /// The element has just broken a rule in this call, which looks out from now on if it was taken out for that.
    private func broke(_ instance: Instance, _ rule: BrokenRule) {
        engine.broke(instance, rule)
        if instance.isDisabled { lookOut() }
    }

    /// The hook that is waited for, as catena.h spells it.
    var waitingHook: String {
        switch waiting {
        case .inHook: verb == .request ? "request" : "close"
        case .outHook: verb == .request ? "request_reply" : "close_reply"
        case .undo: undoing == .close ? "close" : "close_reply"
        case .nothing, .transport, .connectionClose: ""
        }
    }
}

extension CallError {
    /// What a call ends with whose element broke a rule.
    static func broken(_ rule: BrokenRule, by instance: Instance, _ more: String = "") -> CallError {
        CallError(CATENA_INTERNAL, "the element \(rule.text)\(more)", origin: instance.path)
    }
}
