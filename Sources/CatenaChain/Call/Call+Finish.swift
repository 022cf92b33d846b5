// SPDX-License-Identifier: Apache-2.0
// The end of a call: who waits is told once, what was left behind is looked after, and the object goes back to its pool.

internal import CatenaABI

extension Call {
    /// The call has come out at its head. On the loop where it arrived.
    func finish() {
        count()
        if let caller = caller.take() {
            if isAnswered {
                keepForLater()
            } else {
                isAnswered = true
                caller.answer(error: error, message: error == nil ? cell.pointee.hop.message : nil)
            }
        }
        if leg != nil || operation != nil { finishInside() }
        if holdsConnection { connection?.leave(reason) }
        lentLeg?._withUnsafeGuaranteedRef { $0.finished(self) }
        let wasOutside = isOutside
        if !park() { recycle() }
        underWay.end(isOutside: wasOutside)
    }

    /// An element began it.
    private func finishInside() {
        lentLeg?._withUnsafeGuaranteedRef { leg in
            settle(leg)
            if operation?.isOver == true { closeUnwanted(leg) }
            giveParentItsWhile()
        }
        var ended = operation.take()
        ended?.complete(error: error, message: cell.pointee.hop.message)
        lentLeg?._withUnsafeGuaranteedRef { $0.connection.home.spareOperations.keep(&ended) }
    }

    /// Whoever waits for this client call and has been told to let go could not before now: its own while begins.
    private func giveParentItsWhile() {
        parent?.ifWaiting { if $0.owedTimer.isArmed { $0.armWriteOff() } }
    }

    private func count() {
        // The call is back where it arrived, so these are that loop's.
        Counters.add(plan.pointee.counters + (verb == .request ? 0 : 2) + (error == nil ? 0 : 1), in: cell.pointee.counters)
    }

    /// The caller left before a first Request succeeded: the connection is kept for a while, for the caller to come back.
    private func keepForLater() {
        guard error == nil, let committed, let connection else { return }
        let grace = engine.options.orphanTimeout
        connection.home.post {
            guard connection.number == committed.incarnation, connection.binds == committed.binds, connection.isOpen else { return }
            connection.awaitCaller(until: connection.home.loop.now() &+ grace)
        }
    }

    private func settle(_ leg: Leg) {
        if verb == .request {
            if error == nil { leg.opened() }
            handUp()
        } else if reason != CATENA_RESELECT, !isRefused {
            leg.closed(error == nil)
        }
    }

    /// The connection ended while its first Request was at the next hop, which said yes: nobody is left who would close it.
    private func closeUnwanted(_ leg: Leg) {
        guard verb == .request, isFirst, error == nil else { return }
        closeUnseen(leg)
    }

    /// Values that the client chain wrote for the element above.
    private func handUp() {
        guard let memory = values else { return }
        parent?.ifWaiting { parent in
            guard let target = parent.values else { return }
            for range in chain.values.up {
                (target + range.lowerBound).copyMemory(from: memory + range.lowerBound, byteCount: range.count)
            }
        }
    }
}
