// SPDX-License-Identifier: Apache-2.0
// Random times of many connections at a next hop that comes and goes, loses them and answers badly. In the end it comes back for good,
// without any of them: then each that its caller still has is there again, by one Request, and no other is asked for.
internal import CatenaElement
internal import CatenaElementTesting
internal import ConnectElement
internal import Foundation
internal import HealElement
internal import SerializeElement
internal import Testing

@Suite("heal: any order")
struct HealPropertyTests {
    private let url: Neighbour

    init() throws { url = Neighbour("url", values: [.provides(.clientURL, try ClientURL("tcp://a:1"), kept: true)]) }

    @Test("whatever the next hop does, what is open is there in the end, asked for once, and nothing else is")
    func anyOrder() async throws {
        if let text = ProcessInfo.processInfo.environment["CATENA_SEED"], let seed = UInt64(text) { return try await run(seed) }
        let first = UInt64.random(in: 1...UInt64.max / 2)
        for seed in first..<first + 60 { try await run(seed) }
    }

    private func run(_ seed: UInt64) async throws {
        var random = SplitMix(state: seed)
        let heal = BenchElement.element(HealElement.self, config: ["parallel": 3])
        let connect = BenchElement.element(ConnectElement.self, config: ["client": "out"])
        try await ChainBench.run([.element(SerializeElement.self), .neighbour(url), connect], clients: ["out": [heal]]) { bench in
            var life = HealTimes(bench: bench, isClient: Bool.random(using: &random))
            for _ in 0..<60 { life.step(&random) }
            life.end()
            #expect(life.broken.isEmpty, "CATENA_SEED=\(seed)\n\(life.story.joined(separator: "\n"))")
        }
    }
}

/// One life of a chain.
private struct HealTimes {
    let bench: ChainBench
    let isClient: Bool
    private var open: Set<String> = []
    private var isThere = true
    private(set) var story: [String] = []
    private(set) var broken: [String] = []

    init(bench: ChainBench, isClient: Bool) { (self.bench, self.isClient) = (bench, isClient) }

    private func message(_ id: String) -> TestMessage {
        let own = PathSegment(name: "fwd", id: id)
        return isClient ? TestMessage(id: id, path: [own]) : TestMessage(id: id, path: [.init(name: "client", id: "c-\(id)"), own], index: 1)
    }

    mutating func step(_ random: inout SplitMix) {
        let id = "id-\(Int.random(in: 0..<6, using: &random))"
        switch Int.random(in: 0..<16, using: &random) {
        case 0..<4:
            let call = bench.request(message(id))
            // What it comes to is known before anything else happens.
            while !call.isAnswered { bench.advance(by: .seconds(5)) }
            if call.isGood { open.insert(id) }
            story.append("request \(id) \(call.isGood)")
        case 4:
            // One that fails is tried again, for as long as it takes.
            bench.nextHop.script(.close, .accept)
            let call = bench.close(message(id))
            while !call.isAnswered { bench.advance(by: .seconds(5)) }
            if call.isGood { open.remove(id) }
            story.append("close \(id) \(call.isGood)")
        case 5..<7:
            bench.nextHop.deletes(id)
            bench.run()
            story.append("deleted \(id)")
        case 7..<9:
            guard isThere else { return }
            isThere = false
            bench.nextHop.loses()
            bench.nextHop.script(.request, .unreachable("away"))
            bench.run()
            story.append("away")
        case 9..<12: comeBack(isNew: Bool.random(using: &random))
        case 12:
            guard isThere else { return }
            let bad: [NextHop.Reply] = [
                .refuse(.unavailable, "no"), .lost("reset"), .after(.seconds(20), .accept), .after(.milliseconds(50), .refuse(.aborted, "late")),
            ]
            bench.nextHop.script(.request, bad.randomElement(using: &random) ?? .accept, .accept)
            story.append("answers badly")
        default:
            let span = Duration.milliseconds(Int.random(in: 1..<8_000, using: &random))
            bench.advance(by: span)
            story.append("\(span)")
        }
    }

    private mutating func comeBack(isNew: Bool) {
        bench.nextHop.comesBack(isNew: isNew)
        bench.nextHop.script(.request, .accept)
        isThere = true
        story.append("back \(isNew ? "empty" : "as it was")")
    }

    mutating func end() {
        comeBack(isNew: false)
        bench.advance(by: .seconds(120))
        bench.nextHop.loses()
        bench.run()
        let before = bench.nextHop.calls.count
        bench.nextHop.comesBack(isNew: true)
        bench.advance(by: .seconds(60))
        let asked = bench.nextHop.calls.dropFirst(before).filter { $0.verb == .request }.map(\.message.id)
        if asked.sorted() != open.sorted() { broken.append("open \(open.sorted()), asked for \(asked.sorted())") }
        if bench.connectionCount != open.count { broken.append("\(bench.connectionCount) connections, \(open.count) are open") }
        if !bench.timers.isEmpty { broken.append("timers \(bench.timers)") }
        story += broken
    }
}
