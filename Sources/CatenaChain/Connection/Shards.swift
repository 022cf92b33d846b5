// SPDX-License-Identifier: Apache-2.0
// A table is split so that loops seldom meet at a lock. The parts lie side by side in memory of their own, so finding one counts no
// reference.

internal import Synchronization

/// Parts of a table, each with its lock.
struct Shards<Part>: ~Copyable, @unchecked Sendable {  // the memory is written once, before anybody sees it; what is in it is locked
    private let parts: UnsafeMutablePointer<Mutex<Part>>
    private let count: Int

    init(_ count: Int, _ makePart: () -> sending Part) {
        self.count = count
        parts = .allocate(capacity: count)
        for place in 0..<count { (parts + place).initialize(to: Mutex(makePart())) }
    }

    deinit {
        parts.deinitialize(count: count)
        parts.deallocate()
    }

    /// - Parameter place: below the number of parts.
    subscript(place: Int) -> Mutex<Part> {
        _read {
            precondition(place >= 0 && place < count, "a table has no part \(place)")
            yield parts[place]
        }
    }

    /// Goes through the parts.
    func forEach(_ body: (borrowing Mutex<Part>) -> Void) {
        for place in 0..<count { body(parts[place]) }
    }
}
