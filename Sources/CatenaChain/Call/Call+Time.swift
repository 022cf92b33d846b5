// SPDX-License-Identifier: Apache-2.0
// Deadlines and callers that leave. The caller is answered at once; whether the call itself ends depends on where it is: above
// the anchor and in its queue it does, below it runs on until its own time is over.

internal import CatenaABI
internal import Synchronization

extension Call {
    // MARK: The caller

    /// The caller's deadline has come. On the loop where the call arrived.
    func callerTimeIsOver() {
        // Who is waited for is known to the loop that runs the call.
        let isHere = whereabouts.load(ordering: .acquiring) == arrival.number
        callerLeft(isHere ? engine.deadlineError(for: self) : CallError(CATENA_DEADLINE_EXCEEDED, "no answer in time", origin: chain.path))
    }

    /// Who waits is not waiting any more. On the loop where the call arrived.
    func callerLeft(_ error: CallError) {
        guard !isAnswered, caller != nil else { return }
        isAnswered = true
        arrival.disarm(callerTimer)
        caller?.answer(error: error, message: nil)
        guard verb == .request else { return }
        leave(error, seenAt: whereabouts.load(ordering: .acquiring))
    }

    /// The same, and nobody wants what the call has to say. On the loop where the call arrived.
    func withdrawn(_ error: CallError) {
        callerLeft(error)
        guard verb == .request else { return }
        leave(error, seenAt: whereabouts.load(ordering: .acquiring), isWithdrawn: true)
    }

    /// Goes after a call that may be on its way to another loop.
    private func leave(_ error: CallError, seenAt place: Int, isWithdrawn: Bool = false) {
        if engine.homes[place].loop.isCurrent { return isWithdrawn ? cancelHere(error) : leaveHere(error) }
        let reference = CallReference(self)
        engine.homes[place].post { [weak engine] in
            guard engine != nil, reference.isLive else { return }
            let now = self.whereabouts.load(ordering: .acquiring)
            guard now == place else { return self.leave(error, seenAt: now, isWithdrawn: isWithdrawn) }
            if isWithdrawn { self.cancelHere(error) } else { self.leaveHere(error) }
        }
    }

    /// On the loop that runs the call.
    private func leaveHere(_ error: CallError) {
        switch stage {
        case .inAbove, .inAnchor, .atTurn: cancelHere(error)
        case .inBelow, .tail: plan.pointee.anchor == nil ? cancelHere(error) : limitToGrace()
        case .outBelow, .removing, .outAnchor, .outAbove: limitToGrace()
        case .idle: break
        }
    }

    /// A call that came without a deadline has as much time left as if that were now.
    private func limitToGrace() {
        guard !isCancelled else { return }
        let end = home.loop.now().addingSaturated(engine.options.grace)
        if isUndoing {
            if savedHop?.limit == 0 { savedHop?.limit = end }
        } else if limit == 0 {
            limit = end
            if waiting != .nothing { armLimit() }
        }
    }

    // MARK: The call

    /// Ends the call soon: no further element is entered, and who is waited for is told. On the call's loop.
    func cancel(_ error: CallError) {
        guard verb == .request else {
            guard stage == .inAnchor else { return cancelWaiting() }
            // In the queue of its anchor a Close stays: whoever began it is told, and it goes on without being waited for.
            operation?.complete(error: error, message: nil)
            return
        }
        cancelHere(error)
    }

    func cancelHere(_ error: CallError) {
        // The first reason stands.
        if !isCancelled { cancelError = error }
        isCancelled = true
        // What is being undone is undone to its end, and then nothing below is entered any more.
        guard !isUndoing else {
            savedHop?.flags |= CATENA_HOP_CANCELLED
            return
        }
        cell.pointee.hop.flags |= CATENA_HOP_CANCELLED
        cancelWaiting()
    }

    /// Tells whoever the call waits for that its answer is not wanted any more.
    private func cancelWaiting() {
        switch waiting {
        case .inHook, .outHook, .undo:
            guard let instance = waitingInstance, cancelledStep != cell.pointee.step else { return }
            let pending = Ticket.word(cell.pointee.step, Ticket.pending, owner: Int32(instance.number))
            // One that has just resumed is not asked to.
            guard cell.pointee.word.load(ordering: .acquiring) == pending else { return }
            cancelledStep = cell.pointee.step
            let error = cancelError ?? engine.deadlineError(for: self)
            for child in children { child.cancel(error) }
            armWriteOff()
            if let cancel = instance.type.table.cancel {
                instance.sites.run(.cancel, in: hop) { cancel(instance.me, hop) }
            }
        case .transport:
            // Once: no second cancel for the same call.
            let call = transportCall
            transportCall = nil
            call?.cancel()
        case .nothing, .connectionClose:
            break
        }
    }

    // MARK: Time

    /// Sets the timer for what ends first. Only calls that wait have one.
    func armLimit() {
        if isQueuedClose {
            connection?.queuedCloses.append(CallReference(self))
            return armLook()
        }
        if engine.isAborting || isUnwanted { return runner._withUnsafeGuaranteedRef { $0.arm(limitTimer, at: 0) } }
        var earliest = limit == 0 ? UInt64.max : limit
        for scope in scopes where !scope.isOver && !isUndoing && hasBegun(scope) { earliest = min(earliest, scope.expiry) }
        if earliest != .max { runner._withUnsafeGuaranteedRef { $0.arm(limitTimer, at: earliest) } }
    }

    /// A Close in the queue of its anchor is not withdrawn, and its time begins with its turn. But when nothing is below any more, that
    /// turn must come.
    private func armLook() {
        guard connection?.isTaken != true else { return }
        let pause = engine.isAborting ? Call.lastPatience : engine.options.closeTimeout
        home.arm(limitTimer, at: home.loop.now().addingSaturated(pause))
    }

    /// Nothing is below any more. On the loop of `home`; the call may have gone on to another one.
    ///
    /// - Returns: false if this is not a Close that waits for its turn.
    func expectTurn(on home: Home) -> Bool {
        guard whereabouts.load(ordering: .acquiring) == home.number, isQueuedClose else { return false }
        armLook()
        return true
    }

    /// An anchor that keeps a Close although nothing is below is told to let it go.
    private func lookAtQueue() {
        guard let instance = waitingInstance else { return }
        if isOut(instance) { return writeOff() }
        // Else the end of what is below begins the time anew.
        if connection?.isTaken != true { cancelWaiting() }
    }

    /// The Request was cancelled before the hook that is waited for was asked: it is told so in a turn of its own.
    private var isUnwanted: Bool {
        verb == .request && !isUndoing && waitingFor != nil && (isCancelled || cell.pointee.hop.flags & CATENA_HOP_CANCELLED != 0)
    }

    /// Both stand in the heap of the home that runs the call.
    func disarmTimers() {
        if limitTimer.isArmed { runner._withUnsafeGuaranteedRef { $0.disarm(limitTimer) } }
        if owedTimer.isArmed { runner._withUnsafeGuaranteedRef { $0.disarm(owedTimer) } }
    }

    /// The timer has fired.
    func timeIsOver() {
        if isQueuedClose { return lookAtQueue() }
        if engine.isAborting {
            if verb == .close || isUndoing { return cancelWaiting() }
            limit = 0
            return cancelHere(CallError(CATENA_UNAVAILABLE, "the host stops", origin: chain.path))
        }
        if isUnwanted { return cancelWaiting() }
        let now = home.loop.now()
        if limit != 0, limit <= now {
            // A Close and an undo go on; whoever they wait for next is told at once.
            if verb == .close || isUndoing { return cancelWaiting() }
            limit = 0
            return cancelHere(engine.deadlineError(for: self))
        }
        guard !isUndoing else { return armAgain() }
        var isOver = false
        for index in scopes.indices where !scopes[index].isOver && hasBegun(scopes[index]) && scopes[index].expiry <= now {
            scopes[index].isOver = true
            isOver = true
        }
        if isOver {
            if !isCancelled { cancelError = engine.deadlineError(for: self) }
            cell.pointee.hop.flags |= CATENA_HOP_CANCELLED
            cancelWaiting()
        }
        armAgain()
    }

    /// Only calls that wait have a timer: the others may move to another loop.
    private func armAgain() {
        if waiting != .nothing { armLimit() }
    }

    /// Looks at the clock where nothing waits.
    func checkTime() {
        guard limit != 0 || !scopes.isEmpty else { return }
        let now = home.loop.now()
        if limit != 0 && limit <= now || scopes.contains(where: { !$0.isOver && $0.expiry <= now }) { timeIsOver() }
    }

    /// The engine waits for nobody any more. On the loop of `home`; nothing happens if the call is elsewhere.
    func abort(on home: Home) {
        guard whereabouts.load(ordering: .acquiring) == home.number, waiting != .nothing, waiting != .connectionClose else { return }
        // One that has been told before has no longer than the others.
        if owedTimer.isArmed { armWriteOff() }
        armLimit()
    }

    /// Is the hook that runs a request hook?
    var isOnWayIn: Bool {
        guard verb == .request else { return false }
        switch stage {
        case .inAbove, .inAnchor, .inBelow: return true
        case .atTurn, .tail, .outBelow, .removing, .outAnchor, .outAbove, .idle: return false
        }
    }

    /// An element limits the time of everything below it.
    func limitBelow(_ instance: Instance, duration: UInt64) {
        scopes.removeAll { $0.position >= instance.position }
        scopes.append(TimeScope(position: instance.position, duration: duration, expiry: home.loop.now().addingSaturated(duration)))
        showDeadline()
    }

    /// It is a time for what is below the element: its own waiting, before it says NEXT, does not count.
    private func hasBegun(_ scope: TimeScope) -> Bool { waiting != .inHook || scope.position != waitingInstance?.position }

    /// AGAIN, or a descent after the element has waited: the time begins anew.
    func restartScope(at position: Int) {
        scopes.removeAll { $0.position > position }
        for index in scopes.indices where scopes[index].position == position {
            scopes[index].expiry = home.loop.now().addingSaturated(scopes[index].duration)
            scopes[index].isOver = false
        }
        showDeadline()
    }

    /// The way out has come to `position`: time limits set there or below are over. If one had passed, that is the error now.
    ///
    /// - Parameter arriving: the element at `position` is about to be shown the way out, and may begin the part below anew.
    func leaveScopes(from position: Int, arriving: Bool = false) {
        guard !scopes.isEmpty, !isUndoing else { return }
        let over = scopes.filter { $0.position >= position && $0.isOver }
        // An element that may say AGAIN keeps its own for the next try; until then it does not count.
        let isKept = arriving && plan.pointee.requests.inHook(at: position)?.pointee.keepsSnapshot == true
        scopes.removeAll { isKept ? $0.position > position : $0.position >= position }
        for index in scopes.indices where isKept && scopes[index].position == position {
            scopes[index].isOver = false
            scopes[index].expiry = .max
        }
        if let scope = over.first, let failure = error {
            let path = chain.instances[scope.position].path
            let text = "nothing below answered within \(CallText.seconds(scope.duration))"
            error = CallError(CATENA_DEADLINE_EXCEEDED, text, origin: path, isIndefinite: failure.isIndefinite, cause: failure)
        }
        if !over.isEmpty, !isCancelled, !scopes.contains(where: \.isOver) {
            cell.pointee.hop.flags &= ~CATENA_HOP_CANCELLED
            cancelError = nil
        }
        showDeadline()
    }

    func showDeadline() {
        var earliest = limit == 0 ? (callerDeadline == 0 ? UInt64.max : callerDeadline) : limit
        for scope in scopes { earliest = min(earliest, scope.expiry) }
        cell.pointee.hop.deadline_ns = earliest == .max ? 0 : earliest
    }
}

/// Text for people.
enum CallText {
    /// `1.5 s`
    static func seconds(_ nanoseconds: UInt64) -> String {
        let milliseconds = nanoseconds / 1_000_000
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        let tenths = milliseconds % 1000 / 100
        return tenths == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds / 1000).\(tenths) s"
    }
}
