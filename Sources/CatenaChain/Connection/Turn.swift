// SPDX-License-Identifier: Apache-2.0
// What is below the anchor of one connection. The order is the anchor's; the engine sees to it that there is one call at a time
// all the same: a call that a job left behind, or the end of an incarnation, keeps back whoever the anchor lets pass.

internal import CatenaABI
internal import Synchronization

extension Connection {
    /// The part of a record that is the turn's. Belongs to the home loop.
    struct Turn {
        /// The call that runs below the anchor. The engine keeps its call objects.
        var below: Unmanaged<Call>?
        /// How many Closes have been below.
        var closes: UInt64 = 0
        /// The job that has the turn.
        var loan: Loan?
        /// Calls that wait for what is below to end, though the anchor keeps them back no more.
        var passers: [Call] = []
        var keepTimer: CallTimer?
        /// By position: elements that have seen a Close since their last Request, though the incarnation goes on. Empty: none.
        var closed: [Bool] = []
        /// What the anchor says of the Close that it is just shown: until when all is kept; 0: for ever.
        var keepUntil: UInt64?
        /// A Close failed, and the anchor wants it tried again.
        var isClosing = false
        /// The incarnation is to end as soon as the turn is free, and why.
        var ending: catena_reason?
    }

    /// A call runs below the anchor. The anchor sees to it that there is one at a time; here it is only checked.
    var isBusy: Bool { turn.below != nil }

    /// A call that the anchor let pass could not go on.
    var isTaken: Bool { turn.below != nil || turn.loan != nil || turn.ending != nil }

    /// What keeps a call back is none that the anchor knows of: it waits.
    var keepsBack: Bool {
        turn.loan == nil && (turn.ending != nil || turn.below?._withUnsafeGuaranteedRef { $0.isPartial || $0.isRemoval } == true)
    }

    /// Has the element seen a Close since its last Request?
    func isClosed(at position: Int) -> Bool { turn.closed.indices.contains(position) && turn.closed[position] }

    /// A call has been below; what it means for those who were shown it.
    func note(_ call: Call, from position: Int) {
        if call.verb == .close { turn.closes &+= 1 }
        if call.verb == .request {
            guard !turn.closed.isEmpty else { return }
            for index in position..<max(position, call.reached) where index < turn.closed.count { turn.closed[index] = false }
        } else if call.isPartial {
            if turn.closed.isEmpty { turn.closed = Array(repeating: false, count: chain.instances.count) }
            // A guard that refuses stands at the end of those reached, and has changed nothing.
            let end = call.isRefused ? call.reached - 1 : turn.closed.count
            for index in position..<max(position, end) { turn.closed[index] = true }
        }
    }

    /// Nothing is below any more.
    func passOn() {
        guard turn.below == nil else { return }
        if let loan = turn.loan, loan.isLate { return home.ready { loan.giveBack() } }
        // In a turn of its own: the call that has just left is not settled yet.
        if turn.loan == nil, turn.ending != nil { return home.ready { self.chain.engine.remove(self) } }
        if !turn.passers.isEmpty { home.ready(turn.passers.removeFirst()) }
        if !isTaken, !queuedCloses.isEmpty {
            let waiting = queuedCloses
            queuedCloses = waiting.filter { $0.expectTurn(on: home) }
        }
    }

    // MARK: A Close that failed

    /// Slots and last good message stay for another Close.
    ///
    /// - Returns: false if the anchor has not asked for that, or the time is over.
    func keep() -> Bool {
        guard let until = turn.keepUntil.take(), isOpen, turn.ending == nil else { return false }
        if until != 0 {
            guard until > home.loop.now() else { return false }
            let timer = turn.keepTimer ?? CallTimer()
            timer.action = { [unowned self] in keepIsOver() }
            turn.keepTimer = timer
            home.arm(timer, at: until)
        }
        cancelOrphan()
        turn.isClosing = true
        return true
    }

    /// Nobody has closed it in time. A call that is below, or a job, ends first: a Close drops all then, a Request that succeeds opens anew.
    private func keepIsOver() {
        guard turn.isClosing, !isTaken else { return }
        endUnused(CATENA_EXPIRED)
    }

    /// The incarnation ends with no call of it under way: the record may go with it.
    func endUnused(_ reason: catena_reason) {
        chain.connections.join(self)
        end(reason, nextNumber: chain.engine.connectionIndex.newNumber())
        leave(reason)
        passOn()
    }

    /// The incarnation has ended, or is open again.
    func forgetKeeping() {
        turn.isClosing = false
        turn.keepUntil = nil
        guard let timer = turn.keepTimer.take() else { return }
        home.disarm(timer)
    }

    /// The incarnation has ended: nothing of its turn is left, but for who waits.
    func forgetTurn() {
        forgetKeeping()
        turn.ending = nil
        if !turn.closed.isEmpty { turn.closed = [] }
        if turn.loan != nil { endLoan() }
    }
}
