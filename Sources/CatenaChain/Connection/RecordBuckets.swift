// SPDX-License-Identifier: Apache-2.0
// Records found by a number of theirs. They are chained through themselves, so that a table costs eight to sixteen bytes for each of
// a hundred thousand: a Dictionary keeps the number once more beside each place, and more places.

/// How records of one kind of table are found and chained.
protocol RecordChaining {
    /// Stays the same while the record is in the table.
    static func key(of record: Connection) -> Int
    static func next(after record: Connection) -> Connection?
    static func setNext(after record: Connection, _ next: Connection?)
}

/// A table of records. Not locked: its owner is.
struct RecordBuckets<Chaining: RecordChaining> {
    /// As many as a power of two; at most one record in a bucket on average.
    private var buckets = ContiguousArray<Connection?>(repeating: nil, count: 8)
    private(set) var count = 0

    /// The record with this key of which `isWanted` says yes.
    func find(_ key: Int, where isWanted: (Connection) -> Bool) -> Connection? {
        var next = buckets[place(key)]
        while let record = next {
            if Chaining.key(of: record) == key, isWanted(record) { return record }
            next = Chaining.next(after: record)
        }
        return nil
    }

    /// - Parameter record: not in yet.
    mutating func insert(_ record: Connection) {
        if count == buckets.count { grow() }
        count += 1
        link(record)
    }

    private mutating func link(_ record: Connection) {
        let place = place(Chaining.key(of: record))
        Chaining.setNext(after: record, buckets[place])
        buckets[place] = record
    }

    mutating func remove(_ record: Connection) {
        let place = place(Chaining.key(of: record))
        var before: Connection?
        var next = buckets[place]
        while let other = next, other !== record {
            before = other
            next = Chaining.next(after: other)
        }
        guard next != nil else { return }
        let behind = Chaining.next(after: record)
        if let before { Chaining.setNext(after: before, behind) } else { buckets[place] = behind }
        Chaining.setNext(after: record, nil)
        count -= 1
    }

    /// Goes through all, in no order.
    func forEach(_ body: (Connection) -> Void) {
        for bucket in buckets {
            var next = bucket
            while let record = next {
                body(record)
                next = Chaining.next(after: record)
            }
        }
    }

    private func place(_ key: Int) -> Int { key & (buckets.count - 1) }

    private mutating func grow() {
        let old = buckets
        buckets = ContiguousArray(repeating: nil, count: old.count * 2)
        for bucket in old {
            var next = bucket
            while let record = next {
                next = Chaining.next(after: record)
                link(record)
            }
        }
    }
}
