// SPDX-License-Identifier: Apache-2.0
// The bound on how many heal at a time, alone and under threads.
internal import Synchronization
internal import Testing

@testable internal import HealElement

@Suite("PlaceLine")
struct PlaceLineTests {
    private final class Told: Sendable {
        private let places = Mutex<[Place]>([])
        var all: [Place] { places.withLock { $0 } }
        func add(_ place: Place) { places.withLock { $0.append(place) } }
    }

    /// How many hold a place, counted by themselves.
    private final class Holders: Sendable {
        private let counts = Mutex((now: 0, most: 0, all: 0))
        var most: Int { counts.withLock { $0.most } }
        var all: Int { counts.withLock { $0.all } }
        func comes() { counts.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1), $0.all + 1) } }
        func goes() { counts.withLock { $0.now -= 1 } }
    }

    @Test("as many as may have a place at once; the others are told in the order they came, each of its own place")
    func order() {
        let line = PlaceLine(limit: 2), told = Told()
        let places = (0..<4).map { _ in line.ask(told.add) }
        #expect(told.all == Array(places[..<2]) && line.holders == 2 && line.waiting == 2)
        line.leave(places[1])
        #expect(told.all == Array(places[..<3]))
        line.leave(places[0])
        #expect(told.all == places && line.holders == 2 && line.waiting == 0)
    }

    @Test("who leaves the line is passed over, and a place can be left once only")
    func leave() {
        let line = PlaceLine(limit: 1), told = Told()
        let places = (0..<3).map { _ in line.ask(told.add) }
        for place in [places[1], places[1], places[0], places[0]] { line.leave(place) }
        #expect(told.all == [places[0], places[2]] && line.holders == 1)
        line.leave(places[2])
        #expect(line.holders == 0 && line.waiting == 0)
    }

    @Test("a long line that comes and goes is forgotten as it goes")
    func long() {
        let line = PlaceLine(limit: 1), told = Told()
        var places = (0..<1_000).map { _ in line.ask(told.add) }
        while !places.isEmpty { line.leave(places.removeFirst()) }
        #expect(told.all.count == 1_000 && line.holders == 0 && line.length == 0)
    }

    @Test("threads that ask and leave at once never hold more places than there are, and all get theirs")
    func threads() async {
        let line = PlaceLine(limit: 4), holders = Holders()
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<500 {
                        await withCheckedContinuation { continuation in
                            _ = line.ask { place in
                                holders.comes()
                                // Outside of the call, as on the loop of a connection.
                                Task {
                                    holders.goes()
                                    line.leave(place)
                                    continuation.resume()
                                }
                            }
                        }
                    }
                }
            }
        }
        #expect(holders.all == 4_000 && holders.most <= 4)
        #expect(line.holders == 0 && line.waiting == 0)
    }
}
