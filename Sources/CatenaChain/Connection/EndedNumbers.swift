// SPDX-License-Identifier: Apache-2.0
// Numbers that have ended a moment ago. Whoever kept one is told that it is over, with the id that people know; the ids of
// all that ever was would be too much to keep.

/// The last incarnations that ended, of one shard.
struct EndedNumbers {
    static let count = 64

    private var ring: [(number: UInt64, record: Connection)] = []
    private var next = 0

    mutating func add(_ number: UInt64, _ record: Connection) {
        if ring.count < EndedNumbers.count {
            ring.append((number, record))
        } else {
            ring[next] = (number, record)
            next = (next + 1) % EndedNumbers.count
        }
    }

    func find(_ number: UInt64) -> Connection? { ring.first { $0.number == number }?.record }
}
