// SPDX-License-Identifier: Apache-2.0
// The end of an incarnation that an element has cancelled: those below the anchor that have seen no Close are sent one, deepest
// first, and then every slot goes. It is a call of its own, so that whoever comes meanwhile waits for it as for any other.

internal import CatenaABI

extension Engine {
    /// Ends the incarnation as the anchor has asked. On the home loop, when the turn is free; runs later.
    func remove(_ connection: Connection) {
        guard !connection.isBusy, connection.turn.loan == nil, let reason = connection.turn.ending, let anchor = connection.chain.anchor else { return }
        guard connection.slots != nil, let message = connection.copyOfLastGood(),
            let call = eventCall(.close, of: connection, message: message, reason: reason, deadline: 0)
        else {
            return connection.endUnused(reason)
        }
        call.stage = .removing
        call.floor = anchor + 1
        call.entered = connection.chain.instances.count
        call.reached = call.entered
        call.holdsConnection = true
        call.isUndoing = true
        call.cell.pointee.connectionBase = connection.slots
        call.cell.pointee.hop.conn = connection.number
        call.cell.pointee.hop.flags |= CATENA_HOP_KNOWN
        connection.turn.below = .passUnretained(call)
        connection.home.ready(call)
    }
}

extension Call {
    /// It is the end of an incarnation that was cancelled.
    var isRemoval: Bool { stage == .removing }

    /// The Close of every element that has seen none, deepest first.
    ///
    /// - Returns: false while an element has not answered.
    func removeElements() -> Bool {
        guard let connection else { return false }
        while entered > floor {
            if connection.isClosed(at: entered - 1) {
                entered -= 1
                continue
            }
            guard undoElement(entered - 1) else { return false }
            entered -= 1
        }
        dropCallSlots(from: floor) { !connection.isClosed(at: $0.position) && !self.writtenOff.contains($0) }
        reached = 0
        isUndoing = false
        stage = .outAbove
        connection.turn.below = nil
        connection.end(reason, nextNumber: engine.connectionIndex.newNumber())
        connection.passOn()
        finish()
        return false
    }
}
