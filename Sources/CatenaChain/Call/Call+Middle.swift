// SPDX-License-Identifier: Apache-2.0
// A call that begins just after an element, inside the turn that it has: the anchor's own, which counts as if it had come through the
// anchor, or one that a job has started, which is the business of its element and those below.

internal import CatenaABI

extension Call {
    /// It began below an element other than the anchor, so that not every element sees it.
    var isPartial: Bool { holdsConnection && floor > (plan.pointee.anchor ?? 0) + 1 }

    /// The call begins, as soon as nothing is below.
    ///
    /// - Returns: false if it has to wait.
    func enterTurn() -> Bool {
        guard let connection else { return false }
        guard eventFor == connection.number else {
            turnBefore(floor, error: CallError(CATENA_CANCELLED, "the connection has ended: \(connection.idText)"))
            stage = .outAbove
            // Whoever waits behind it does so for nothing.
            connection.passOn()
            return true
        }
        guard !connection.isBusy else {
            connection.turn.passers.append(self)
            return false
        }
        if !isTimed {
            limit = home.loop.now() &+ (verb == .close ? engine.options.closeTimeout : engine.options.eventTimeout)
            showDeadline()
        }
        // What an element has closed below itself it opens anew.
        isFirst = connection.isFirstNext || connection.isClosed(at: floor)
        connection.turn.below = .passUnretained(self)
        connection.makeSlots()
        cell.pointee.connectionBase = connection.slots
        cell.pointee.hop.conn = connection.number
        show(isFirst: isFirst, isKnown: connection.isOpen)
        cell.pointee.cursor = program.insBefore[floor]
        stage = .inBelow
        return true
    }

    /// It ends here.
    func leaveTurn() {
        guard let connection else { return }
        leave(connection)
        guard !isPartial else { return }
        wentBelow = true
        settle(connection)
        wentBelow = false
    }
}
