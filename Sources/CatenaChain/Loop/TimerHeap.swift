// SPDX-License-Identifier: Apache-2.0
// Nearly every deadline is withdrawn before it comes, so removal must cost as little as insertion and leave nothing behind:
// a binary heap whose nodes know where they stand. It moves numbers and addresses about, and counts no references.

/// Something that is to happen at a time. Belongs to one heap at most, and to that heap's loop. Whoever arms it keeps it until it has
/// fired or was disarmed.
class TimerNode {
    fileprivate var place = -1

    /// Does it stand in a heap?
    final var isArmed: Bool { place >= 0 }

    /// The time has come. The node has left the heap already. Called on the loop.
    func fire() {}
}

/// The timers of one loop, earliest first.
struct TimerHeap {
    private struct Entry {
        /// Nanoseconds of the loop's clock.
        let deadline: UInt64
        let node: Unmanaged<TimerNode>
    }

    private var entries: ContiguousArray<Entry> = []

    var earliest: UInt64? { entries.first?.deadline }
    var count: Int { entries.count }

    /// Puts a node in, or moves it if it stands here already.
    mutating func insert(_ node: TimerNode, at deadline: UInt64) {
        remove(node)
        let entry = Entry(deadline: deadline, node: .passUnretained(node))
        entries.append(entry)
        rise(entry, from: entries.count - 1)
    }

    /// Takes a node out; nothing happens if it is not in.
    mutating func remove(_ node: TimerNode) {
        let place = node.place
        guard place >= 0 else { return }
        node.place = -1
        let last = entries.removeLast()
        guard place < entries.count else { return }
        if place > 0, last.deadline < entries[(place - 1) / 2].deadline { rise(last, from: place) } else { sink(last, from: place) }
    }

    /// Takes out the earliest node if its time has come.
    mutating func popDue(_ now: UInt64) -> TimerNode? {
        guard let first = entries.first, first.deadline <= now else { return nil }
        let node = first.node.takeUnretainedValue()
        remove(node)
        return node
    }

    /// Puts an entry where it belongs, from `start` upwards.
    private mutating func rise(_ entry: Entry, from start: Int) {
        var place = start
        while place > 0 {
            let parent = (place - 1) / 2
            guard entry.deadline < entries[parent].deadline else { break }
            put(entries[parent], at: place)
            place = parent
        }
        put(entry, at: place)
    }

    /// Puts an entry where it belongs, from `start` downwards.
    private mutating func sink(_ entry: Entry, from start: Int) {
        var place = start
        while true {
            var child = 2 * place + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1].deadline < entries[child].deadline { child += 1 }
            guard entries[child].deadline < entry.deadline else { break }
            put(entries[child], at: place)
            place = child
        }
        put(entry, at: place)
    }

    private mutating func put(_ entry: Entry, at place: Int) {
        entries[place] = entry
        entry.node._withUnsafeGuaranteedRef { $0.place = place }
    }
}
