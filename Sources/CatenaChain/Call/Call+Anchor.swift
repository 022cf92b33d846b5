// SPDX-License-Identifier: Apache-2.0
// At the anchor a call becomes a call of its connection: it moves to the connection's loop, learns whether it is the first one,
// and from there down its caller's leaving no longer ends it.

internal import CatenaABI

extension Call {
    /// Finds the connection, and moves to its home.
    ///
    /// - Returns: false if the call goes on elsewhere.
    func bind() -> Bool {
        stage = .inAnchor
        let view = idView
        guard let base = view.ptr, view.len > 0 else {
            let anchor = plan.pointee.anchor ?? 0
            let path = chain.instances[anchor].path
            turnBefore(
                anchor,
                error: CallError(CATENA_INVALID_ARGUMENT, "the connection has no id: put an element such as \"updatepath\" before the anchor", origin: path))
            stage = .outAbove
            return true
        }
        let bytes = UnsafeRawBufferPointer(start: UnsafeRawPointer(base), count: view.len)
        let connection = runner._withUnsafeGuaranteedRef { chain.connections.enter(bytes, chain: chain, home: $0) }
        let home = Unmanaged.passUnretained(connection.home)
        self.connection = consume connection
        return home._withUnsafeGuaranteedRef { move(to: $0) }
    }

    /// - Returns: true if the call is there already.
    private func move(to other: Home) -> Bool {
        guard Unmanaged.passUnretained(other).toOpaque() != runner.toOpaque() else { return true }
        shut()
        disarmTimers()
        home = other
        other.post(self)
        return false
    }

    /// On the connection's home: what the anchor is shown.
    func showAnchor() -> Bool {
        guard let record else { return false }
        isBound = true
        record._withUnsafeGuaranteedRef { connection in
            closesSeen = connection.turn.closes
            if isOutside { comeBack(to: connection) }
            lookOut()
            cell.pointee.connectionBase = connection.anchorSlot
            showConnection(connection)
        }
        if isCancelled, verb == .request, let cancelError { cancelHere(cancelError) }
        return true
    }

    /// The anchor answered a Close that waited for what is not so any more.
    ///
    /// - Returns: true if its hook is to be called once more.
    func showAgain() -> Bool {
        guard let connection, isBound else { return false }
        showConnection(connection)
        return true
    }

    private func showConnection(_ connection: Connection) {
        cell.pointee.hop.conn = connection.number
        show(isFirst: connection.isFirstNext, isKnown: connection.isOpen)
    }

    /// The anchor has let the call pass: first or refresh is decided now, as the connection may have ended while it waited.
    ///
    /// - Returns: false if the call has to wait.
    func resolve() -> Bool {
        record?._withUnsafeGuaranteedRef { resolve(at: $0) } ?? true
    }

    private func resolve(at connection: Connection) -> Bool {
        passedAnchor = true
        let anchor = plan.pointee.anchor ?? 0
        showConnection(connection)
        if eventFor != 0, eventFor != connection.number {
            turnBefore(anchor + 1, error: CallError(CATENA_ABORTED, "the connection has ended: \(connection.idText)"))
            stage = .outAnchor
            connection.passOn()
            return true
        }
        guard !connection.isTaken else {
            let instance = chain.instances[anchor]
            // Where the anchor is out of use it keeps no order any more.
            if connection.keepsBack || wasKeptBack || verb == .close && isOut(instance) {
                wasKeptBack = true
                connection.turn.passers.append(self)
                shut()
                return false
            }
            engine.misbehaved(instance, "let a call of a connection pass while another one was below")
            turnBefore(anchor + 1, error: CallError(CATENA_INTERNAL, "the anchor let two calls pass at once", origin: instance.path))
            stage = .outAnchor
            return true
        }
        if verb == .request {
            guard cell.pointee.hop.flags & CATENA_HOP_CANCELLED == 0 else {
                turnBefore(anchor + 1, error: cancelError)
                stage = .outAnchor
                connection.passOn()
                return true
            }
            isFirst = connection.isFirstNext
            undoesAll = connection.turn.isClosing
            if caller != nil {
                if callerDeadline != 0 {
                    limit = callerDeadline &+ engine.options.grace
                    showDeadline()
                }
            } else if !isTimed {
                limit = home.loop.now() &+ engine.options.eventTimeout
                showDeadline()
            }
        } else if !isTimed {
            limit = home.loop.now() &+ engine.options.closeTimeout
            showDeadline()
        }
        connection.turn.below = .passUnretained(self)
        wentBelow = true
        connection.makeSlots()
        cell.pointee.connectionBase = connection.slots
        stage = .inBelow
        return true
    }

    /// DONE ends a Close only where the host knows that nothing is open. What an anchor says of a Close that waited holds for the
    /// incarnation it was shown: another one may have begun before its answer is heard.
    func mayEndClose(at position: Int) -> Bool {
        if let leg { return !leg.isKnown }
        guard let connection, isBound || holdsConnection, let anchor = plan.pointee.anchor, position >= anchor else { return false }
        // Below the anchor one that is about to be ended counts as open: its elements are still owed a Close.
        let isOver = !connection.isOpen && (position == anchor || connection.turn.ending == nil)
        return isOver || (position == anchor && cell.pointee.hop.conn != connection.number)
    }

    /// What an anchor resumes a Close with holds also where something is open, if another Close has been below since this one came: it has
    /// that one's result. And one that the anchor itself began is its own business.
    func endsAtAnchor(_ position: Int, afterWaiting: Bool) -> Bool {
        guard position == plan.pointee.anchor, let connection, isBound else { return false }
        return afterWaiting && closesSeen != connection.turn.closes || operation?.isOf(chain.instances[position]) == true
    }

    /// Everything below the anchor is done with. A first Request that failed has left nothing: its slots go before the anchor
    /// passes the turn on.
    func leaveBelow() {
        record?._withUnsafeGuaranteedRef { connection in
            leave(connection)
            cell.pointee.connectionBase = connection.anchorSlot
            stage = .outAnchor
        }
    }

    /// Nothing is below any more.
    func leave(_ connection: Connection) {
        connection.turn.below = nil
        connection.note(self, from: max(floor, (plan.pointee.anchor ?? 0) + 1))
        connection.passOn()
        failedBelow = error != nil
        guard verb == .request, failedBelow, isFirst, !isPartial else { return }
        // Whoever started this Request is told why it failed, not only that the connection has ended.
        operation?.complete(error: error, message: nil)
        connection.end(CATENA_ROLLBACK, nextNumber: engine.connectionIndex.newNumber())
    }

    /// The anchor is done with. What it leaves behind is settled before anything it resumed begins.
    ///
    /// - Returns: false if the call goes on elsewhere.
    func unbind() -> Bool {
        stage = .outAbove
        guard let record else { return true }
        // A closure each time: a method passed on as it stands counts a reference.
        record._withUnsafeGuaranteedRef { settle($0) }
        isBound = false
        passedAnchor = false
        wentBelow = false
        cell.pointee.connectionBase = nil
        cell.pointee.hop.conn = 0
        cell.pointee.hop.flags &= ~(CATENA_HOP_FIRST | CATENA_HOP_KNOWN)
        record._withUnsafeGuaranteedRef { $0.leave(reason) }
        cell.pointee.outCursor = min(cell.pointee.outCursor, program.outsBefore[max(floor, plan.pointee.anchor ?? 0)])
        return move(to: arrival)
    }

    func settle(_ connection: Connection) {
        guard wentBelow else {
            // One that was given another's result has come back for the connection all the same.
            if verb == .request, isOutside, error == nil, connection.isOpen { comeBack(to: connection) }
            return
        }
        if verb == .close {
            // Of what is not open there is nothing to keep.
            guard reason != CATENA_RESELECT && !isRefused || !connection.isOpen else {
                connection.turn.keepUntil = nil
                return
            }
            // Whoever started this Close is told while its slot is there.
            operation?.complete(error: error, message: cell.pointee.hop.message)
            guard !connection.keep() else { return }
            connection.end(reason, nextNumber: engine.connectionIndex.newNumber())
        } else if !failedBelow, error == nil || isFirst, let message = cell.pointee.hop.message {
            connection.commit(message, values: values.map { UnsafeRawPointer($0) })
            // A first Request that fails from here on, even at the anchor itself, is closed as an open connection.
            if isFirst {
                committed = (connection.number, connection.binds)
            } else if isOutside {
                // Somebody has come back for it, perhaps before the first caller's leaving was known here.
                comeBack(to: connection)
            }
        }
    }

    private func comeBack(to connection: Connection) {
        connection.binds += 1
        connection.cancelOrphan()
    }
}
