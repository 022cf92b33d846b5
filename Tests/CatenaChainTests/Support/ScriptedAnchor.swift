// SPDX-License-Identifier: Apache-2.0
// The anchor's part of serialize, as small as it can be: one call or job of a connection at a time, in the order they came, and
// DONE for a Close of what is not open. The executor that it provides is in ScriptedExecutor.swift.

import CatenaABI

@testable import CatenaChain

final class ScriptedAnchor: Sendable {
    enum Turn {
        case call(catena_call, isClose: Bool)
        case job(ScriptedExecutor.Job)
    }

    /// What stands in the anchor's slot.
    final class Queue {
        var isBusy = false
        var waiting: [Turn] = []
    }

    let executor = ScriptedExecutor()

    func run(_ hook: Hook, _ instance: ScriptedInstance, _ hop: catena_hop, failed: Bool) -> Act {
        guard let queue = Self.queue(hop.conn_slot) else { fatalError("an anchor has a slot") }
        switch hook {
        case .request:
            if !instance.element.values.isEmpty { executor.provide(instance, hop) }
            return enter(queue, .call(hop.call, isClose: false))
        case .close:
            if !queue.isBusy, hop.flags & CATENA_HOP_KNOWN == 0 { return .done }
            return enter(queue, .call(hop.call, isClose: true))
        case .requestReply: pass(queue, instance, isOpen: !failed || instance.connections.established(instance.host, hop.conn))
        case .closeReply: pass(queue, instance, isOpen: false)
        case .cancel: leave(queue, instance, hop)
        default: break
        }
        return .next
    }

    static func queue(_ slot: UnsafeMutableRawPointer?) -> Queue? {
        guard let slot = slot?.assumingMemoryBound(to: UnsafeMutableRawPointer?.self) else { return nil }
        if slot.pointee == nil { slot.pointee = Unmanaged.passRetained(Queue()).toOpaque() }
        return slot.pointee.map { Unmanaged<Queue>.fromOpaque($0).takeUnretainedValue() }
    }

    /// The record goes.
    func dropped(_ slot: UnsafeMutableRawPointer?) {
        guard let memory = slot?.assumingMemoryBound(to: UnsafeMutableRawPointer?.self).pointee else { return }
        Unmanaged<Queue>.fromOpaque(memory).release()
    }

    private func enter(_ queue: Queue, _ turn: Turn) -> Act {
        guard queue.isBusy else {
            queue.isBusy = true
            return .next
        }
        queue.waiting.append(turn)
        return .queued
    }

    func pass(_ queue: Queue, _ instance: ScriptedInstance, isOpen: Bool) {
        queue.isBusy = false
        while !queue.waiting.isEmpty {
            switch queue.waiting.removeFirst() {
            case .call(let ticket, let isClose):
                if isClose, !isOpen {
                    instance.resume(ticket, .done)
                } else if instance.resume(ticket, .next) == CATENA_OK {
                    queue.isBusy = true
                    return
                }
            case .job(let job):
                guard isOpen else {
                    executor.refuse(job)
                    continue
                }
                queue.isBusy = true
                return executor.begin(job)
            }
        }
    }

    private func leave(_ queue: Queue, _ instance: ScriptedInstance, _ hop: catena_hop) {
        let index = queue.waiting.firstIndex {
            if case .call(hop.call, isClose: false) = $0 { true } else { false }
        }
        guard let index else { return }
        queue.waiting.remove(at: index)
        instance.resume(hop.call, .fail(CATENA_CANCELLED, "left the queue"))
    }
}
