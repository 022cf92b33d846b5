// SPDX-License-Identifier: Apache-2.0
// An element that was told to let go of a call and does not is answered for: the call ends, and what the element may still touch
// stays where it is until it resumes. And elements that are not to be called: those that owe an answer, and those taken out.

internal import CatenaABI
internal import Synchronization

extension Call {
    // MARK: Written off

    /// The element that is waited for has been told so: from now on it has a while to let go.
    func armWriteOff() {
        let patience = engine.isAborting ? min(Call.lastPatience, engine.options.resumeTimeout) : engine.options.resumeTimeout
        home.arm(owedTimer, at: home.loop.now().addingSaturated(patience))
    }

    /// The same while the engine stops, in nanoseconds: nobody is waited for any more.
    static let lastPatience: UInt64 = 1_000_000_000

    /// It has not let go. On the call's loop.
    func writeOff() {
        guard waiting == .inHook || waiting == .outHook || waiting == .undo, let instance = waitingInstance else { return }
        // What it waits for itself has been told as well, and its own time begins when that has ended.
        guard !children.contains(where: \.isLive) else { return armWriteOff() }
        let step = cell.pointee.step & Ticket.stepMask
        let owner = Int32(instance.number)
        let wasOut = isOut(instance)
        let rule = BrokenRule.neverResumed(waitingHook)
        let isKnown = isBound || holdsConnection
        let owed = Owed(
            step: step, instance: instance, home: home, connection: isKnown ? connection : leg?.connection, leg: leg)
        // One that is not called any more has broken no further rule: a Close passes it by.
        let error = wasOut ? refusal(by: instance) : .broken(rule, by: instance, ", although it was told that nobody waits")
        let letter = Letter(step: step, verdict: wasOut && verb == .close ? CATENA_NEXT : CATENA_FAIL, error: error)
        let isWrittenOff = mail.withLock { box in
            let exchanged = cell.pointee.word.compareExchange(
                expected: Ticket.word(step, Ticket.pending, owner: owner),
                desired: Ticket.word(step, Ticket.answered, owner: owner), ordering: .acquiringAndReleasing)
            guard exchanged.exchanged else { return false }
            box.letter = letter
            // What the element may still touch is its own from here on.
            owed.message = message.take()
            box.owed.append(owed)
            return true
        }
        // Else it has resumed just now.
        guard isWrittenOff else { return }
        owed.begin()
        writtenOff.append(instance)
        goOnWithCopies(of: owed.message)
        if !wasOut {
            engine.broke(instance, rule)
            // Whoever else waits in this anchor for this connection will not be heard either.
            if stage == .inAnchor, let connection { engine.freeQueue(of: instance, connection) }
        }
        proceed()
    }

    /// A Close that waits in its anchor for its turn.
    var isQueuedClose: Bool { verb == .close && stage == .inAnchor && waiting == .inHook }

    /// The anchor is out of use, so nobody will answer for it. On the loop of `home`; nothing happens if the call is elsewhere.
    func freeFromQueue(of anchor: Instance, _ connection: Connection?, on home: Home) {
        guard whereabouts.load(ordering: .acquiring) == home.number, stage == .inAnchor, waiting == .inHook, waitingInstance === anchor,
            connection == nil || self.connection === connection
        else { return }
        let reference = CallReference(self)
        let step = cell.pointee.step
        home.ready {
            guard reference.isLive, self.cell.pointee.step == step else { return }
            self.writeOff()
        }
    }

    /// The element may be changing its message this very moment: "message/1" lets a clone be made all the same.
    private func goOnWithCopies(of message: borrowing OwnedMessage?) {
        if let copy = message?.clone() { carry(copy) }
        guard plan.pointee.valuesSize > 0, let values = cell.pointee.hop.values else { return }
        let copy = UnsafeMutableRawPointer.allocate(byteCount: plan.pointee.valuesSize, alignment: 16)
        copy.copyMemory(from: values, byteCount: plan.pointee.valuesSize)
        ownValues.append(copy)
        cell.pointee.hop.values = copy
    }

    /// The call is over, but an element still owes an answer to it: the object is not another's until that has come.
    ///
    /// - Returns: false if nothing is owed.
    func park() -> Bool {
        guard !writtenOff.isEmpty else { return false }
        parkedFor = mail.withLock { $0.owed.map(\.instance) }
        guard !parkedFor.isEmpty else { return false }
        dropCallSlots(from: floor) { !self.parkedFor.contains($0) }
        forgetReferences()
        return true
    }

    /// An answer that was owed has come. On the arrival loop.
    func letGo(_ instance: Instance) {
        let owing = mail.withLock { $0.owed.map(\.instance) }
        guard parkedFor.contains(instance), !owing.contains(instance) else { return }
        parkedFor.removeAll { $0 === instance }
        // It was called, however far a later try came.
        if chain.callDroppers.contains(instance) { dropCallSlot(of: instance) }
        if parkedFor.isEmpty { reset() }
    }

    // MARK: Not to be called

    /// Was the element taken out, or does it owe an answer to this call or for this connection?
    func isOut(_ instance: Instance) -> Bool {
        if instance.isDisabled || writtenOff.contains(instance) { return true }
        if let leg { return leg.owed.contains { $0.instance === instance } }
        return (isBound || holdsConnection) && connection?.owed.contains { $0.instance === instance } == true
    }

    /// Looks for elements that are not to be called. On the call's loop, when it goes on and when it learns its connection.
    func lookOut() {
        let isSelective =
            plan.pointee.hasDisabled.load(ordering: .relaxed) || !writtenOff.isEmpty || leg?.owed.isEmpty == false
            || (isBound || holdsConnection) && connection?.owed.isEmpty == false
        guard isSelective || cell.pointee.isSelective else { return }
        cell.pointee.isSelective = isSelective
        barrier = nil
        guard isSelective, verb == .request else { return }
        // Never behind where the call is.
        let cursor = cell.pointee.cursor
        let isAnswered = answer != nil && isOnWayIn
        let entered = isAnswered ? Int(program.ins[cursor].position) + 1 : cursor > 0 ? Int(program.ins[cursor - 1].position) + 1 : 0
        let passed =
            switch stage {
            case .inAnchor: plan.pointee.anchor ?? 0
            case .inBelow: plan.pointee.anchor.map { $0 + 1 } ?? 0
            default: 0
            }
        barrier = chain.instances.first { $0.position >= max(floor, entered, passed) && isOut($0) }
    }

    /// Why a Request does not enter the element.
    func refusal(by instance: Instance) -> CallError {
        let why =
            instance.isDisabled
            ? "the element is out of use since it broke a rule (it \(instance.brokenRule)): restart the host to use it again"
            : "the element still owes an answer for this connection, and is not called before it has given it"
        return CallError(CATENA_UNAVAILABLE, why, origin: instance.path)
    }
}

extension [Instance] {
    func contains(_ instance: Instance) -> Bool { contains { $0 === instance } }
}

extension UInt64 {
    /// The sum, or the latest time there is.
    func addingSaturated(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
