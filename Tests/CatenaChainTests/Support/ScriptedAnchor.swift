// SPDX-License-Identifier: Apache-2.0
// The anchor's part of serialize, as small as it can be: one call of a connection at a time, in the order they came, and DONE
// for a Close of what is not open.

import CatenaABI

@testable import CatenaChain

final class ScriptedAnchor: Sendable {
    private struct Turn {
        let ticket: catena_call
        let isClose: Bool
    }

    /// What stands in the anchor's slot.
    private final class Queue {
        var isBusy = false
        var waiting: [Turn] = []
    }

    func run(_ hook: Hook, _ instance: ScriptedInstance, _ hop: catena_hop, failed: Bool) -> Act {
        guard let slot = hop.conn_slot?.assumingMemoryBound(to: UnsafeMutableRawPointer?.self) else { fatalError("an anchor has a slot") }
        if slot.pointee == nil { slot.pointee = Unmanaged.passRetained(Queue()).toOpaque() }
        guard let memory = slot.pointee else { return .next }
        let queue = Unmanaged<Queue>.fromOpaque(memory).takeUnretainedValue()
        switch hook {
        case .request: return enter(queue, Turn(ticket: hop.call, isClose: false), hop)
        case .close:
            if !queue.isBusy, hop.flags & CATENA_HOP_KNOWN == 0 { return .done }
            return enter(queue, Turn(ticket: hop.call, isClose: true), hop)
        case .requestReply: pass(queue, instance, isOpen: !failed || instance.connections.established(instance.host, hop.conn))
        case .closeReply: pass(queue, instance, isOpen: false)
        case .cancel: leave(queue, instance, hop)
        default: break
        }
        return .next
    }

    /// The record goes.
    func dropped(_ slot: UnsafeMutableRawPointer?) {
        guard let memory = slot?.assumingMemoryBound(to: UnsafeMutableRawPointer?.self).pointee else { return }
        Unmanaged<Queue>.fromOpaque(memory).release()
    }

    private func enter(_ queue: Queue, _ turn: Turn, _ hop: catena_hop) -> Act {
        guard queue.isBusy else {
            queue.isBusy = true
            return .next
        }
        queue.waiting.append(turn)
        return .queued
    }

    private func pass(_ queue: Queue, _ instance: ScriptedInstance, isOpen: Bool) {
        queue.isBusy = false
        while !queue.waiting.isEmpty {
            let turn = queue.waiting.removeFirst()
            if turn.isClose, !isOpen {
                instance.resume(turn.ticket, .done)
                continue
            }
            if instance.resume(turn.ticket, .next) == CATENA_OK {
                queue.isBusy = true
                return
            }
        }
    }

    private func leave(_ queue: Queue, _ instance: ScriptedInstance, _ hop: catena_hop) {
        guard let index = queue.waiting.firstIndex(where: { $0.ticket == hop.call && !$0.isClose }) else { return }
        queue.waiting.remove(at: index)
        instance.resume(hop.call, .fail(CATENA_CANCELLED, "left the queue"))
    }
}
