// SPDX-License-Identifier: Apache-2.0
// Everything that the elements of one bench saw, in order. Elements write from the bench's loop, async hooks from anywhere.
internal import Synchronization

final class BenchRecord: Sendable {
    private let sights = Mutex<[Sight]>([])
    /// Slots that are alive, by what they are.
    private let slots = Mutex<[Slot]>([])

    struct Slot: Equatable {
        let path: String
        let isConnection: Bool
        let address: UInt
    }

    var all: [Sight] { sights.withLock { $0 } }

    /// - Returns: its number, for the verdict.
    func add(_ sight: Sight) -> Int {
        sights.withLock { sights in
            sights.append(sight)
            return sights.count - 1
        }
    }

    func answered(_ number: Int, _ verdict: HookAnswer) { sights.withLock { $0[number].verdict = verdict } }

    /// A pending hook was answered. A hook may be resumed before it has returned.
    func resumed(_ ticket: UInt64, _ answer: HookAnswer) {
        sights.withLock { sights in
            guard let index = sights.lastIndex(where: { $0.ticket == ticket && $0.hook != .cancel }) else { return }
            if sights[index].resumption == nil { sights[index].resumption = answer }
        }
    }

    func slotSeen(_ slot: Slot) { slots.withLock { if !$0.contains(slot) { $0.append(slot) } } }
    func slotDropped(_ slot: Slot) { slots.withLock { $0.removeAll { $0 == slot } } }
    var slotsAlive: [Slot] { slots.withLock { $0 } }
}
