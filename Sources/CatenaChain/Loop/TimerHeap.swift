// SPDX-License-Identifier: Apache-2.0
// Nearly every deadline is withdrawn before it comes, so removal must cost as little as insertion and leave nothing behind:
// a binary heap whose nodes know where they stand.

/// Something that is to happen at a time. Belongs to one heap at most, and to that heap's loop.
class TimerNode {
    /// Nanoseconds of the loop's clock.
    fileprivate(set) var deadline: UInt64 = 0
    fileprivate var place = -1

    /// Does it stand in a heap?
    final var isArmed: Bool { place >= 0 }

    /// The time has come. The node has left the heap already. Called on the loop.
    func fire() {}
}

/// The timers of one loop, earliest first.
struct TimerHeap {
    private var nodes: [TimerNode] = []

    var earliest: UInt64? { nodes.first?.deadline }
    var count: Int { nodes.count }

    /// Puts a node in, or moves it if it stands here already.
    mutating func insert(_ node: TimerNode, at deadline: UInt64) {
        remove(node)
        node.deadline = deadline
        node.place = nodes.count
        nodes.append(node)
        rise(node.place)
    }

    /// Takes a node out; nothing happens if it is not in.
    mutating func remove(_ node: TimerNode) {
        let place = node.place
        guard place >= 0 else { return }
        node.place = -1
        let last = nodes.removeLast()
        guard last !== node else { return }
        nodes[place] = last
        last.place = place
        rise(place)
        sink(last.place)
    }

    /// Takes out the earliest node if its time has come.
    mutating func popDue(_ now: UInt64) -> TimerNode? {
        guard let first = nodes.first, first.deadline <= now else { return nil }
        remove(first)
        return first
    }

    private mutating func rise(_ start: Int) {
        var place = start
        while place > 0 {
            let parent = (place - 1) / 2
            guard nodes[place].deadline < nodes[parent].deadline else { return }
            swap(place, parent)
            place = parent
        }
    }

    private mutating func sink(_ start: Int) {
        var place = start
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < nodes.count && nodes[child].deadline < nodes[least].deadline {
                least = child
            }
            guard least != place else { return }
            swap(place, least)
            place = least
        }
    }

    private mutating func swap(_ one: Int, _ other: Int) {
        nodes.swapAt(one, other)
        nodes[one].place = one
        nodes[other].place = other
    }
}
