// SPDX-License-Identifier: Apache-2.0
// What a stream has heard of each connection, and who wants to know: a value that knows neither loop nor clock. It tells apart what
// was never said from what is said no more, since only the second is news.

internal import CatenaABI

/// Connections at a next hop by the id in their path; health has one entry, "".
struct HeardConnections {
    private struct Entry {
        var watches: [Watch] = []
        /// UP or DOWN; nil: nothing yet, or it is not there any more.
        var sight: catena_sight?
        /// Its watches know that the way was lost, and not yet what came of it.
        var isLost = false
        /// Heard since the snapshot began.
        var isInSnapshot = false
        /// When it counts as missing.
        var expectedUntil: UInt64?
    }

    private var entries: [String: Entry] = [:]
    private var isSnapshot = false
    /// Entries that are expected, soonest first, and some that were.
    private var expected: [(key: String, until: UInt64)] = []
    private var expectedStart = 0

    var watches: [Watch] { entries.values.flatMap(\.watches) }

    /// - Returns: how the connection stands, if that is known.
    mutating func add(_ watch: Watch) -> catena_sight? {
        entries[watch.key, default: Entry()].watches.append(watch)
        return entries[watch.key]?.sight
    }

    /// - Returns: false: it was not in.
    mutating func remove(_ watch: Watch) -> Bool {
        guard var entry = entries[watch.key], let place = entry.watches.firstIndex(where: { $0 === watch }) else { return false }
        entry.watches.remove(at: place)
        if entry.watches.isEmpty { (entry.isLost, entry.expectedUntil) = (false, nil) }
        entries[watch.key] = entry.watches.isEmpty && entry.sight == nil ? nil : entry
        return true
    }

    /// The next hop says how a connection stands: UP, DOWN or DELETED.
    ///
    /// - Returns: who wants to know.
    mutating func report(_ key: String, _ sight: catena_sight) -> [Watch] {
        var entry = entries[key] ?? Entry()
        entry.sight = sight == CATENA_SIGHT_DELETED ? nil : sight
        entry.isInSnapshot = isSnapshot
        (entry.isLost, entry.expectedUntil) = (false, nil)
        entries[key] = entry.watches.isEmpty && entry.sight == nil ? nil : entry
        return entry.watches
    }

    mutating func beginSnapshot() {
        guard !isSnapshot else { return }
        isSnapshot = true
        for key in entries.keys { entries[key]?.isInSnapshot = false }
    }

    /// - Parameter isEverything: what the snapshot did not name is not there; else it says nothing of connections.
    /// - Returns: watched connections of which nothing is known.
    mutating func endSnapshot(isEverything: Bool) -> [String] {
        if isEverything, isSnapshot {
            for (key, entry) in entries where !entry.isInSnapshot {
                if entry.watches.isEmpty { entries[key] = nil } else { entries[key]?.sight = nil }
            }
        }
        isSnapshot = false
        return entries.filter { $0.value.sight == nil }.map(\.key)
    }

    /// The way is lost, and nothing is known any more.
    ///
    /// - Returns: those who do not know that yet.
    mutating func lose() -> [Watch] {
        isSnapshot = false
        (expected, expectedStart) = ([], 0)
        let untold = entries.values.filter { !$0.isLost }.flatMap(\.watches)
        entries = entries.filter { !$0.value.watches.isEmpty }.mapValues { Entry(watches: $0.watches, isLost: true) }
        return untold
    }

    /// - Returns: those who were told that the way was lost, once.
    mutating func takeLost(_ key: String) -> [Watch] {
        guard let entry = entries[key], entry.isLost else { return [] }
        entries[key]?.isLost = false
        return entry.watches
    }

    // MARK: Expected

    /// Nothing has been heard of a connection that should be there.
    ///
    /// - Returns: true if that is waited for from now on.
    mutating func expect(_ key: String, until time: UInt64) -> Bool {
        guard let entry = entries[key], entry.sight == nil, entry.expectedUntil == nil else { return false }
        entries[key]?.expectedUntil = time
        expected.append((key, time))
        return true
    }

    var nextExpected: UInt64? { expectedStart < expected.count ? expected[expectedStart].until : nil }

    /// - Returns: the watches of connections that have been expected until now in vain.
    mutating func takeUnconfirmed(at now: UInt64) -> [Watch] {
        var found: [Watch] = []
        while expectedStart < expected.count, expected[expectedStart].until <= now {
            let (key, until) = expected[expectedStart]
            expectedStart += 1
            guard let entry = entries[key], entry.expectedUntil == until else { continue }
            entries[key]?.expectedUntil = nil
            found += entry.watches
        }
        if expectedStart == expected.count { (expected, expectedStart) = ([], 0) }
        return found
    }
}
