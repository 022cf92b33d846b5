// SPDX-License-Identifier: Apache-2.0
// Counts of references to transports, as elements see them: the tests of the Go elements' map of counted values, T4.10 and T4.11, with
// their numbers. What several threads do at once has to end as one of the orders in which they could have done it.

import CatenaABI
import Foundation
import Synchronization
import Testing

@testable import CatenaChain

@Suite("references to transports")
struct TransportCountTests {
    private static let url = "tcp://x", references = 1_000, repetitions = 1_000

    /// Runs `body` with the transports of an engine, which has to end without one.
    private func run(_ body: (CountedTransports) throws -> Void) throws {
        let element = ScriptedElement("a")
        try Bench.with(.served("chain", element)) { bench in
            try body(CountedTransports(bench: bench, hands: TransportHands(instance: element.instance, url: Self.url)))
            #expect(bench.engine.status().transports == [])
        }
    }

    @Test("T4.10: each reference counts one, the last given back closes the transport, and the next one makes another")
    func counts() throws {
        try run { transports in
            for round in 1...2 {
                let hands = transports.hands, numbers = (0..<Self.references).map { _ in hands.acquire() }
                #expect(transports.standing == ["ready \(Self.references)"] && transports.made == round)
                for (given, number) in numbers.enumerated() {
                    #expect(transports.standing == ["ready \(Self.references - given)"])
                    #expect(hands.release(number) == "OK" && hands.release(number) == "GONE")
                }
                #expect(transports.standing == [] && transports.closed == round)
            }
        }
    }

    @Test("T4.10: one put in the place of another begins to count anew, and the other's holders keep theirs")
    func replaced() throws {
        try run { transports in
            let hands = transports.hands, old = (0..<3).map { _ in hands.acquire() }
            #expect(hands.retire(old[0]) == "OK")
            let new = (0..<2).map { _ in hands.acquire() }
            #expect(transports.standing == ["ready 2", "retired 3"] && transports.made == 2)
            for number in old { #expect(hands.release(number) == "OK") }
            #expect(transports.standing == ["ready 2"] && transports.closed == 1)
            for number in new { #expect(hands.release(number) == "OK") }
        }
    }

    @Test("T4.11: what threads do at once ends as it could have ended one after the other", arguments: Meeting.all)
    func meetings(meeting: Meeting) throws {
        try run { transports in
            var possible: Set<String> = [], seen: [String: Int] = [:]
            for order in meeting.orders {
                let trial = Trial(meeting, transports)
                var results = trial.acts.map { _ in Trial.Result("", nil) }
                for index in order { results[index] = trial.acts[index]() }
                possible.insert(trial.end(results))
            }
            Together.run(meeting.acts.count, times: Self.repetitions) {
                let trial = Trial(meeting, transports)
                return (trial.acts, { seen[trial.end($0), default: 0] += 1 })
            }
            #expect(seen.values.reduce(0, +) == Self.repetitions)
            #expect(Set(seen.keys).isSubset(of: possible), "\(seen), possible are \(possible)")
        }
    }
}

/// What two or three threads do at once, to references of which some are held before.
struct Meeting: Sendable, CustomTestStringConvertible {
    enum Act: Sendable {
        case acquire
        /// Of one that is held; number 0 was given back before.
        case release(Int), look(Int), retire(Int)
    }

    let acts: [Act]
    /// How many are held before.
    var held = 0

    var testDescription: String { acts.map { "\($0)" }.joined(separator: ", ") + ", \(held) held" }

    /// Those of the original, in its order, and with retirement in the place of a Store.
    static let all: [Meeting] = [
        Meeting(acts: [.acquire, .acquire]),
        Meeting(acts: [.acquire, .release(0)]),
        Meeting(acts: [.acquire, .release(1)], held: 1),
        Meeting(acts: [.release(1), .release(2)], held: 2),
        Meeting(acts: [.release(1), .release(1)], held: 1),
        Meeting(acts: [.release(1), .look(1)], held: 1),
        Meeting(acts: [.release(1), .release(2), .look(2)], held: 2),
        Meeting(acts: [.acquire, .acquire, .release(1)], held: 1),
        Meeting(acts: [.acquire, .retire(1)], held: 1),
        Meeting(acts: [.retire(1), .release(1)], held: 1),
        Meeting(acts: [.acquire, .acquire, .retire(1)], held: 1),
        Meeting(acts: [.acquire, .retire(1), .release(1)], held: 1),
        Meeting(acts: [.acquire, .retire(1), .release(2)], held: 2),
    ]

    /// All orders of the acts.
    var orders: [[Int]] {
        acts.indices.reduce([[]]) { orders, index in
            orders.flatMap { order in (0...order.count).map { Array(order[..<$0]) + [index] + order[$0...] } }
        }
    }
}

/// The transports to one URL, by the table that every element has.
struct TransportHands: Sendable {
    let instance: ScriptedInstance
    let url: String

    func acquire() -> catena_transport {
        var number: catena_transport = 0
        _ = catena_str.with(url) { instance.clients.acquire(instance.host, $0, nil, &number) }
        return number
    }

    func release(_ number: catena_transport) -> String { Name.of(status: instance.clients.release(instance.host, number)) }
    func retire(_ number: catena_transport) -> String { Name.of(status: instance.clients.retire(instance.host, number)) }
    func state(_ number: catena_transport) -> UInt32 { instance.clients.state(instance.host, number) }
}

/// The same, and what the engine says of them.
struct CountedTransports {
    let bench: Bench
    let hands: TransportHands

    /// State and count of each transport that somebody holds.
    var standing: [String] { bench.engine.status().transports.map { "\($0.state) \($0.references)" }.sorted() }
    var made: Int { bench.transports.made.count }
    var closed: Int { bench.journal.lines.count }
}

/// One meeting, from what is held before to what is left of it.
struct Trial {
    /// What an act came to, and what it has acquired.
    typealias Result = (text: String, acquired: catena_transport?)

    /// To be done in any order, or at once.
    let acts: [@Sendable () -> Result]
    private let transports: CountedTransports
    private let made: Int, closed: Int
    /// By number; the first was given back before.
    private let held: [catena_transport]

    init(_ meeting: Meeting, _ transports: CountedTransports) {
        let hands = transports.hands, gone = hands.acquire()
        _ = hands.release(gone)
        let held = [gone] + (0..<meeting.held).map { _ in hands.acquire() }
        acts = meeting.acts.map { act in { Self.perform(act, hands, held) } }
        (self.transports, self.held, made, closed) = (transports, held, transports.made, transports.closed)
    }

    private static func perform(_ act: Meeting.Act, _ hands: TransportHands, _ held: [catena_transport]) -> Result {
        switch act {
        case .acquire:
            let number = hands.acquire()
            return (number == 0 ? "none" : "OK", number)
        case .release(let index): return (hands.release(held[index]), nil)
        case .look(let index): return ("\(hands.state(held[index]))", nil)
        case .retire(let index): return (hands.retire(held[index]), nil)
        }
    }

    /// What has come of it, in words. Then everything is given back, after which there is no transport.
    func end(_ results: [Result]) -> String {
        let acquired = results.compactMap(\.acquired), states = acquired.map { transports.hands.state($0) }
        let counts = "\(transports.standing), \(transports.made - made) made, \(transports.closed - closed) closed"
        for number in held.dropFirst() + acquired { _ = transports.hands.release(number) }
        let isOver = transports.standing.isEmpty && transports.made == transports.closed
        return "\(results.map(\.text)), got \(states): \(counts)\(isOver ? "" : ", and something is left")"
    }
}
