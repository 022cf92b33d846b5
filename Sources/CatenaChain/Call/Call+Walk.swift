// SPDX-License-Identifier: Apache-2.0
// The way in and the way out: the only loops in which hooks of elements are called. What happens when a hook says NEXT is kept
// to a few instructions; everything else leaves the loop.

internal import CatenaABI
internal import CatenaCrash

extension Call {
    /// How a walk ended.
    enum Walk {
        /// At the end of its part of the chain.
        case arrived
        /// The call turns round before the end of its part.
        case turned
        /// An element wants to wait.
        case suspended
        /// An element wants everything below it once more.
        case again
    }

    /// Runs the call as far as it goes. On its loop, never inside a hook.
    func proceed() {
        if waiting == .inHook || waiting == .outHook || waiting == .undo {
            guard let given = takeMail() else { return }
            if waiting == .undo { undoAnswer = given } else { answer = given }
        }
        waiting = .nothing
        waitingFor = nil
        forgetChildren()
        disarmTimers()
        lookOut()
        while step() {}
    }

    /// Everything below an element is to run once more. It begins in a turn of its own: the loop is not only this call's, and
    /// cancellation must be able to come in between.
    private func beginAgainLater() {
        shut()
        home.post(self)
    }

    /// One stage. false: the call waits, has moved to another loop, or is over.
    private func step() -> Bool {
        switch stage {
        case .inAbove:
            switch walkIn(until: plan.pointee.anchor ?? 0) {
            case .suspended: return false
            case .turned, .again: stage = .outAbove
            case .arrived: return bind()
            }
        case .inAnchor:
            guard isBound else { return showAnchor() }
            let anchor = plan.pointee.anchor ?? 0
            switch walkIn(until: anchor + 1) {
            case .suspended: return false
            case .turned, .again: stage = .outAnchor
            case .arrived: return resolve()
            }
        case .inBelow:
            switch walkIn(until: plan.pointee.elementCount) {
            case .suspended: return false
            case .turned, .again: stage = .outBelow
            case .arrived: return beginTail()
            }
        case .tail:
            endTail()
        case .atTurn:
            return enterTurn()
        case .removing:
            return removeElements()
        case .outBelow:
            let bottom = max(floor, plan.pointee.anchor.map { $0 + 1 } ?? 0)
            switch walkOut(downTo: program.outsBefore[bottom]) {
            case .suspended: return false
            case .again:
                stage = .inBelow
                beginAgainLater()
                return false
            case .turned, .arrived:
                leaveScopes(from: bottom)
                guard undo(downTo: bottom) else { return false }
                if isBound {
                    leaveBelow()
                } else {
                    if holdsConnection { leaveTurn() }
                    stage = .outAbove
                }
            }
        case .outAnchor:
            let anchor = plan.pointee.anchor ?? 0
            switch passedAnchor ? walkOut(downTo: program.outsBefore[anchor]) : .arrived {
            case .suspended: return false
            case .again:
                stage = .inAnchor
                beginAgainLater()
                return false
            case .turned, .arrived: return unbind()
            }
        case .outAbove:
            switch walkOut(downTo: program.outsBefore[floor]) {
            case .suspended: return false
            case .again:
                stage = plan.pointee.anchor == nil || floor > 0 ? .inBelow : .inAbove
                beginAgainLater()
                return false
            case .turned, .arrived:
                leaveScopes(from: floor)
                guard undo(downTo: floor) else { return false }
                finish()
                return false
            }
        case .idle:
            return false
        }
        return true
    }

    // MARK: In

    /// Calls way-in hooks of the elements before position `end`.
    private func walkIn(until end: Int) -> Walk {
        let ins = program.ins
        let bound = program.insBefore[end]
        if let given = answer {
            answer = nil
            if let walk = took(given, from: ins[cell.pointee.cursor], afterWaiting: true) { return walk }
        }
        catena_crash_walk(hop)
        defer { catena_crash_set(catena_crash_thread()) }
        while cell.pointee.cursor < bound {
            let hook = ins.baseAddress.unsafelyUnwrapped + cell.pointee.cursor
            if cell.pointee.hop.flags & CATENA_HOP_CANCELLED != 0 || cell.pointee.isSelective {
                switch regard(hook.pointee) {
                case .enter: break
                case .pass: continue
                case .turn: return .turned
                }
            }
            Counters.add(hook.pointee.counter, in: cell.pointee.counters)
            prepareHop(hook.pointee.callSlot, hook.pointee.connectionSlot, owner: hook.pointee.instance)
            catena_crash_enter(hook.pointee.site)
            let verdict = hook.pointee.function(hook.pointee.me, hop)
            if verdict == CATENA_NEXT, !hook.pointee.keepsSnapshot, isQuiet {
                cell.pointee.cursor += 1
                continue
            }
            let outcome = hook.pointee.owner._withUnsafeGuaranteedRef { settle(verdict, $0, .inHook) }
            guard let settled = outcome else { return .suspended }
            if let walk = took(settled, from: hook.pointee) { return walk }
        }
        // Nor is an element passed silently that has no hook for the way in.
        if cell.pointee.isSelective, let barrier, barrier.position < end { return turnBefore(barrier) }
        return .arrived
    }

    /// What is done with a hook of a call that is cancelled, or that may not call some element.
    private enum Regard { case enter, pass, turn }

    private func regard(_ hook: InHook) -> Regard {
        let position = Int(hook.position)
        guard verb == .request else {
            guard isOut(chain.instances[position]) else { return .enter }
            cell.pointee.cursor += 1
            if position == plan.pointee.anchor { passedAnchor = true }
            return .pass
        }
        if cell.pointee.hop.flags & CATENA_HOP_CANCELLED != 0 {
            turnBefore(position, error: cancelError)
            return .turn
        }
        guard let barrier, barrier.position <= position else { return .enter }
        _ = turnBefore(barrier)
        return .turn
    }

    /// A Request does not enter an element that is out of use.
    private func turnBefore(_ barrier: Instance) -> Walk {
        home.counters.add(engine.failureIndex(Int32(barrier.number)))
        // It may have been taken out after its own hook had run.
        let cursor = cell.pointee.cursor
        if cursor > 0 { reached = max(reached, Int(program.ins[cursor - 1].position) + 1) }
        turnBefore(barrier.position, error: refusal(by: barrier))
        return .turned
    }

    /// A way-in hook has given its verdict. nil: the walk goes on.
    private func took(_ verdict: catena_verdict, from hook: InHook, afterWaiting: Bool = false) -> Walk? {
        let position = Int(hook.position)
        switch verdict {
        case CATENA_NEXT:
            if hook.keepsSnapshot { keepSnapshot(at: position) }
            if afterWaiting, !scopes.isEmpty { restartScope(at: position) }
        case CATENA_DONE:
            guard verb == .request || mayEndClose(at: position) || endsAtAnchor(position, afterWaiting: afterWaiting) else {
                // The anchor thinks that nothing is open. It does not have the turn, so it is asked again.
                if afterWaiting, position == plan.pointee.anchor, showAgain() { return nil }
                break
            }
            turn(at: position, entered: position + 1, error: nil)
            return .turned
        case CATENA_FAIL:
            let failure = failure(of: hook.instance)
            if verb == .close {
                let isGuard = engine.instances[Int(hook.instance)].type.isGuard
                guard isGuard else {
                    guard endsAtAnchor(position, afterWaiting: afterWaiting) else {
                        collect(failure)
                        break
                    }
                    turn(at: position, entered: position, error: failure)
                    return .turned
                }
                isRefused = true
                turn(at: position, entered: position, error: failure.refused)
                return .turned
            }
            turn(at: position, entered: position, error: failure)
            return .turned
        default:
            let failure = misuse(hook.instance, verdict, hook: verb == .request ? "request" : "close")
            guard verb == .request else {
                collect(failure)
                break
            }
            turn(at: position, entered: position, error: failure)
            return .turned
        }
        cell.pointee.cursor += 1
        if position == plan.pointee.anchor { passedAnchor = true }
        return nil
    }

    /// The call goes out from here: reply hooks of elements before `position` will run.
    func turn(at position: Int, entered: Int, error: CallError?) {
        self.entered = entered
        reached = max(reached, position + 1)
        cell.pointee.outCursor = program.outsBefore[position]
        fail(error)
    }

    /// The same, where the element at `position` has not been shown the call.
    func turnBefore(_ position: Int, error: CallError?) {
        self.entered = position
        reached = max(reached, position)
        cell.pointee.outCursor = program.outsBefore[position]
        fail(error)
    }

    /// The call has passed every element, and comes back from the end.
    func turnAtEnd(_ error: CallError?) {
        entered = plan.pointee.elementCount
        reached = plan.pointee.elementCount
        cell.pointee.outCursor = program.outs.count
        fail(error)
    }

    private func fail(_ failure: CallError?) {
        guard verb == .close else {
            if failure != nil || error != nil { error = failure }
            return
        }
        if let failure { collect(failure) }
    }

    /// A Close goes on whatever happens: the first error stands, others become its causes.
    func collect(_ failure: CallError) {
        error = error?.caused(by: failure) ?? failure
    }

    private func keepSnapshot(at position: Int) {
        guard let message = message?.clone() else { return }
        snapshots.removeAll { $0.position >= position }
        let size = plan.pointee.valuesSize
        let values = self.values.map { Array(UnsafeRawBufferPointer(start: $0, count: size)) } ?? []
        snapshots.append(Snapshot(position: position, message: message, values: values))
    }

    // MARK: Out

    /// Calls way-out hooks from the last one down to index `bound`.
    private func walkOut(downTo bound: Int) -> Walk {
        let outs = program.outs
        if let given = answer {
            answer = nil
            if let walk = gave(given, from: outs[cell.pointee.outCursor]) { return walk }
        }
        catena_crash_walk(hop)
        defer { catena_crash_set(catena_crash_thread()) }
        while cell.pointee.outCursor > bound {
            let hook = outs.baseAddress.unsafelyUnwrapped + (cell.pointee.outCursor - 1)
            let position = Int(hook.pointee.position)
            if cell.pointee.isSelective, isOut(chain.instances[position]) {
                cell.pointee.outCursor -= 1
                // It was entered, and what it would have done on the way out is missing.
                if verb == .request { error = refusal(by: chain.instances[position]).caused(by: error) }
                continue
            }
            if error != nil || !scopes.isEmpty {
                guard arriveWithError(at: position) else { return .suspended }
            }
            cell.pointee.outCursor -= 1
            prepareHop(hook.pointee.callSlot, hook.pointee.connectionSlot, owner: hook.pointee.instance)
            catena_crash_enter(hook.pointee.site)
            let verdict = hook.pointee.function(hook.pointee.me, hop, error?.pointer)
            if verdict == CATENA_NEXT, isQuiet { continue }
            let outcome = hook.pointee.owner._withUnsafeGuaranteedRef { settle(verdict, $0, .outHook) }
            guard let settled = outcome else { return .suspended }
            if let walk = gave(settled, from: hook.pointee) { return walk }
        }
        return .arrived
    }

    /// Before the element at `position` sees a failure: what is below it is undone, and what it keeps is put back.
    ///
    /// - Returns: false if that has to wait.
    private func arriveWithError(at position: Int) -> Bool {
        leaveScopes(from: position, arriving: true)
        guard error != nil else { return true }
        guard undo(downTo: position + 1) else { return false }
        if let snapshot = snapshots.last(where: { $0.position == position }) {
            carry(snapshot.message.clone())
            if let values, !snapshot.values.isEmpty {
                values.copyMemory(from: snapshot.values, byteCount: snapshot.values.count)
            }
        }
        return true
    }

    /// A way-out hook has given its verdict. nil: the walk goes on.
    private func gave(_ verdict: catena_verdict, from hook: OutHook) -> Walk? {
        let position = Int(hook.position)
        switch verdict {
        case CATENA_NEXT:
            break
        case CATENA_DONE:
            // What a guard refused has not been done, whoever says so.
            if !isRefused { error = nil }
        case CATENA_FAIL:
            let failure = failure(of: hook.instance).caused(by: error)
            error = isRefused ? failure.refused : failure
        case CATENA_AGAIN where verb == .request && error != nil && snapshots.contains { $0.position == position }:
            // Nobody below would be entered: the error is passed on, instead of being asked about for ever.
            checkTime()
            guard !isForNobody else { break }
            beginAgain(below: position)
            return .again
        default:
            let name = verb == .request ? "request_reply" : "close_reply"
            error = misuse(hook.instance, verdict, hook: name).caused(by: error)
        }
        return nil
    }

    /// Another try would be cancelled before it began.
    private var isForNobody: Bool {
        if cell.pointee.hop.flags & CATENA_HOP_CANCELLED != 0 { return true }
        return (stage == .outAbove || plan.pointee.anchor == nil) && caller != nil && isAnswered
    }

    private func beginAgain(below position: Int) {
        dropCallSlots(from: position + 1) { !self.writtenOff.contains($0) }
        for index in (position + 1)..<max(position + 1, plan.pointee.elementCount) where !writtenOff.contains(chain.instances[index]) {
            let size = Int(chain.instances[index].type.table.call_slot_size)
            guard let slot = chain.callSlots[index].pointer(in: cell.pointee.memory) else { continue }
            slot.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        }
        attempt += 1
        cell.pointee.hop.attempt = attempt
        error = nil
        tailEntered = false
        wasUndone = false
        if let anchor = plan.pointee.anchor, position < anchor {
            // Whether it is the first one is asked anew at the anchor.
            isFirst = false
            committed = nil
        }
        if stage == .outAbove, isOutside { limit = 0 }
        entered = position + 1
        reached = position + 1
        cell.pointee.cursor = plan.pointee.requests.insBefore[position + 1]
        restartScope(at: position)
    }
}

extension CallError {
    /// The same, said by a guard.
    fileprivate var refused: CallError {
        CallError(code, text, origin: origin, isIndefinite: isIndefinite, isRefused: true, cause: cause)
    }
}
