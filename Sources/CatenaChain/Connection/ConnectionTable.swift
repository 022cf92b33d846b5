// SPDX-License-Identifier: Apache-2.0
// The one place where an id becomes a connection: sharded, so that loops seldom meet, and looked up once a call, with the id's
// bytes where they lie in the message.

internal import Glibc
internal import Synchronization

/// The connections of one served chain.
final class ConnectionTable: Sendable {
    private static let shardCount = 16

    /// Records by the hash of their id.
    private enum ByHash: RecordChaining {
        static func key(of record: Connection) -> Int { record.idHash }
        static func next(after record: Connection) -> Connection? { record.nextInTable }
        static func setNext(after record: Connection, _ next: Connection?) { record.nextInTable = next }
    }

    private let shards = Shards<RecordBuckets<ByHash>>(ConnectionTable.shardCount) { RecordBuckets() }
    private let index: ConnectionIndex

    init(index: ConnectionIndex) { self.index = index }

    /// The record of this id, made if there is none; with one user more. A new one is at home at `home`.
    func enter(_ id: UnsafeRawBufferPointer, chain: LinkedChain, home: Home) -> Connection {
        var hasher = Hasher()
        hasher.combine(bytes: id)
        let hash = hasher.finalize()
        return shards[place(hash)].withLock { records in
            if let record = records.find(hash, where: { $0.hasID(id) }) {
                record.users += 1
                return record
            }
            let record = Connection(id: id, idHash: hash, chain: chain, home: home, number: index.newNumber())
            record.users = 1
            records.insert(record)
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

    private func take(_ record: Connection, from records: inout RecordBuckets<ByHash>) -> UInt64 {
        records.remove(record)
        let number = record.number
        index.remove(record)
        // What was posted or armed in the old name finds that it has ended.
        record.number = 0
        return number
    }

    /// Gives the record's next incarnation its number; the old number is gone from this moment.
    func rename(_ record: Connection, to number: UInt64) {
        shards[place(record.idHash)].withLock { _ in
            index.remove(record)
            record.number = number
            index.add(record)
        }
    }

    /// Everything there is, in no order.
    func all() -> [Connection] {
        var all: [Connection] = []
        shards.forEach { shard in
            shard.withLock { records in records.forEach { all.append($0) } }
        }
        return all
    }

    /// How many records there are.
    var count: Int {
        var total = 0
        shards.forEach { shard in total += shard.withLock(\.count) }
        return total
    }

    private func place(_ hash: Int) -> Int { Int(UInt(bitPattern: hash) >> 7) % ConnectionTable.shardCount }
}

extension Connection {
    fileprivate func hasID(_ other: UnsafeRawBufferPointer) -> Bool {
        guard let mine = id.baseAddress, let theirs = other.baseAddress else { return id.isEmpty && other.isEmpty }
        return id.count == other.count && memcmp(mine, theirs, id.count) == 0
    }
}

/// From a connection number to its record, from any thread. A number is used once and never again.
final class ConnectionIndex: Sendable {
    private static let shardCount: UInt64 = 16

    /// Records by their number, which changes only where a record is in no index. Those of one shard follow one another.
    private enum ByNumber: RecordChaining {
        static func key(of record: Connection) -> Int { key(record.number) }
        static func key(_ number: UInt64) -> Int { Int(truncatingIfNeeded: number / ConnectionIndex.shardCount) }
        static func next(after record: Connection) -> Connection? { record.nextInIndex }
        static func setNext(after record: Connection, _ next: Connection?) { record.nextInIndex = next }
    }

    private let counter = Atomic<UInt64>(0)
    private let shards = Shards<RecordBuckets<ByNumber>>(Int(ConnectionIndex.shardCount)) { RecordBuckets() }
    private let ended = Shards<EndedNumbers>(Int(ConnectionIndex.shardCount)) { EndedNumbers() }

    func newNumber() -> UInt64 { counter.wrappingAdd(1, ordering: .relaxed).newValue }

    /// The record whose incarnation this is; nil: it has ended.
    func find(_ number: UInt64) -> Connection? {
        shards[place(number)].withLock { $0.find(ByNumber.key(number)) { $0.number == number } }
    }

    /// Does the incarnation live?
    func has(_ number: UInt64) -> Bool {
        find(number) != nil
    }

    func add(_ record: Connection) {
        let number = record.number
        shards[place(number)].withLock { $0.insert(record) }
    }

    func remove(_ record: Connection) {
        let number = record.number
        shards[place(number)].withLock { $0.remove(record) }
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
