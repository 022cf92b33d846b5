// SPDX-License-Identifier: Apache-2.0
// The one place where an id becomes a connection: sharded, so that loops seldom meet, and looked up once a call, with the id's
// bytes where they lie in the message.

internal import Glibc
internal import Synchronization

/// The connections of one served chain.
final class ConnectionTable: Sendable {
    private static let shardCount = 16

    private let shards = Shards<[Int: Connection]>(ConnectionTable.shardCount) { [:] }
    private let index: ConnectionIndex

    init(index: ConnectionIndex) { self.index = index }

    /// The record of this id, made if there is none; with one user more. A new one is at home at `home`.
    func enter(_ id: UnsafeRawBufferPointer, chain: LinkedChain, home: Home) -> Connection {
        var hasher = Hasher()
        hasher.combine(bytes: id)
        let hash = hasher.finalize()
        return shards[place(hash)].withLock { records in
            var next = records[hash]
            while let record = next {
                if record.hasID(id) {
                    record.users += 1
                    return record
                }
                next = record.nextInBucket
            }
            let record = Connection(id: id, idHash: hash, chain: chain, home: home, number: index.newNumber())
            record.users = 1
            record.nextInBucket = records[hash]
            records[hash] = record
            index.add(record)
            return record
        }
    }

    /// One user more, for an event of an incarnation that is known to live.
    func join(_ record: Connection) {
        shards[place(record.idHash)].withLock { _ in record.users += 1 }
    }

    /// One user less. On the record's home loop.
    ///
    /// - Returns: the number that the record had, if it has left the table: nobody uses it, and nothing of an incarnation is there.
    func leave(_ record: Connection) -> UInt64? {
        let isBare = record.isBare
        return shards[place(record.idHash)].withLock { records in
            record.users -= 1
            return record.users == 0 && isBare ? take(record, from: &records) : nil
        }
    }

    /// Takes a record out of the table, whoever uses it. On the record's home loop, when no call is under way.
    ///
    /// - Returns: the number that it had.
    func remove(_ record: Connection) -> UInt64 {
        shards[place(record.idHash)].withLock { take(record, from: &$0) }
    }

    private func take(_ record: Connection, from records: inout [Int: Connection]) -> UInt64 {
        ConnectionTable.unlink(record, from: &records)
        let number = record.number
        index.remove(number)
        // What was posted or armed in the old name finds that it has ended.
        record.number = 0
        return number
    }

    /// Gives the record's next incarnation its number; the old number is gone from this moment.
    func rename(_ record: Connection, to number: UInt64) {
        shards[place(record.idHash)].withLock { _ in
            index.remove(record.number)
            record.number = number
            index.add(record)
        }
    }

    /// Everything there is, in no order.
    func all() -> [Connection] {
        var all: [Connection] = []
        shards.forEach { shard in
            all += shard.withLock { records in records.values.flatMap { first in sequence(first: first, next: \.nextInBucket) } }
        }
        return all
    }

    /// How many records there are.
    var count: Int {
        var total = 0
        shards.forEach { shard in total += shard.withLock { records in records.values.reduce(0) { $0 + $1.bucketCount } } }
        return total
    }

    private func place(_ hash: Int) -> Int { Int(UInt(bitPattern: hash) >> 7) % ConnectionTable.shardCount }

    private static func unlink(_ record: Connection, from records: inout [Int: Connection]) {
        guard let first = records[record.idHash] else { return }
        if first === record {
            records[record.idHash] = record.nextInBucket
        } else {
            var before = first
            while let next = before.nextInBucket, next !== record { before = next }
            before.nextInBucket = record.nextInBucket
        }
        record.nextInBucket = nil
    }
}

extension Connection {
    fileprivate func hasID(_ other: UnsafeRawBufferPointer) -> Bool {
        guard let mine = id.baseAddress, let theirs = other.baseAddress else { return id.isEmpty && other.isEmpty }
        return id.count == other.count && memcmp(mine, theirs, id.count) == 0
    }

    /// Records from this one on that share its hash: nearly always one.
    fileprivate var bucketCount: Int { 1 + (nextInBucket?.bucketCount ?? 0) }
}

/// From a connection number to its record, from any thread. A number is used once and never again.
final class ConnectionIndex: Sendable {
    private static let shardCount: UInt64 = 16

    private let counter = Atomic<UInt64>(0)
    private let shards = Shards<[UInt64: Connection]>(Int(ConnectionIndex.shardCount)) { [:] }
    private let ended = Shards<EndedNumbers>(Int(ConnectionIndex.shardCount)) { EndedNumbers() }

    func newNumber() -> UInt64 { counter.wrappingAdd(1, ordering: .relaxed).newValue }

    /// The record whose incarnation this is; nil: it has ended.
    func find(_ number: UInt64) -> Connection? {
        shards[place(number)].withLock { $0[number] }
    }

    /// Does the incarnation live?
    func has(_ number: UInt64) -> Bool {
        shards[place(number)].withLock { $0[number] != nil }
    }

    func add(_ record: Connection) {
        let number = record.number
        shards[place(number)].withLock { $0[number] = record }
    }

    func remove(_ number: UInt64) {
        guard let record = shards[place(number)].withLock({ $0.removeValue(forKey: number) }) else { return }
        ended[place(number)].withLock { $0.add(number, record) }
    }

    /// The record of an incarnation that lives, or that was one of the last to end.
    func recall(_ number: UInt64) -> Connection? {
        find(number) ?? ended[place(number)].withLock { $0.find(number) }
    }

    var count: Int {
        var total = 0
        shards.forEach { shard in total += shard.withLock(\.count) }
        return total
    }

    private func place(_ number: UInt64) -> Int { Int(number % ConnectionIndex.shardCount) }
}
