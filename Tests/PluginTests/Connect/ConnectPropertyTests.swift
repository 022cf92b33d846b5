// SPDX-License-Identifier: Apache-2.0
// Requests, refreshes, moves to another URL, failures, Closes and retired transports of several connections in any order, each step
// held against the model: always the same ones, unless CATENA_LAWS_SEED is "random". A failure prints its seed; CATENA_SEED runs that
// one again, and CATENA_CONNECT_CASES says how many there are.
internal import CatenaElement
internal import CatenaElementTesting
internal import ConnectElement
internal import class Foundation.ProcessInfo
internal import Synchronization
internal import Testing

@Suite("connect: any order")
struct ConnectPropertyTests {
    private static let casesPerBench = 100

    @Test("after any calls, exactly what is open is open, and every transport is held by those who use it")
    func anyOrder() async throws {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["CATENA_SEED"].flatMap({ UInt64($0) }) { return _ = try await run([seed]) }
        let count = environment["CATENA_CONNECT_CASES"].flatMap { UInt64($0) } ?? 1_000
        let first = environment["CATENA_LAWS_SEED"] == "random" ? UInt64.random(in: 1...UInt64.max / 2) : 1
        var seed = first
        while seed < first + count {
            let end = min(first + count, seed + UInt64(Self.casesPerBench))
            if try await !run(Array(seed..<end)) { return }
            seed = end
        }
        print("connect: \(count) cases from seed \(first)")
    }

    /// - Returns: false: a case has failed.
    @discardableResult
    private func run(_ seeds: [UInt64]) async throws -> Bool {
        let url = Neighbour("url", values: [.provides(.clientURL, ClientURL(), kept: true)])
        let connect = BenchElement.element(ConnectElement.self, .linked, config: ["client": "out"])
        let retirer = BenchElement.element(Retirer.self, .linked)
        return try await ChainBench.run([.anchor, .neighbour(url), connect], clients: ["out": [retirer]]) { bench in
            for seed in seeds {
                var life = ConnectLife(seed, bench, url)
                life.run()
                #expect(life.problem == nil, "CATENA_SEED=\(seed)\n\(life.story.joined(separator: "\n"))")
                if life.problem != nil { return false }
            }
            return true
        }
    }
}

/// Declares the transport of a leg dead when it is told to.
private final class Retirer: ChainElement, RequestHook {
    static let descriptor = ElementDescriptor("retirer", summary: "retires")
    static let isWanted = Mutex(false)

    private let host: Host

    init(config: NoConfig, host: Host) { self.host = host }

    func request(_ hop: borrowing Hop<Retirer>) -> Verdict {
        if Self.isWanted.withLock({ $0 }), let leg = hop.leg { host.chains.retireTransport(of: leg) }
        return .next
    }
}

/// One life of a few connections.
private struct ConnectLife {
    private let bench: ChainBench
    private let url: Neighbour
    private var random: SplitMix
    private var model = ConnectModel()
    private var flights: [(flight: ConnectModel.Flight, call: BenchCall)] = []
    private var answers = 0
    private var seen: Int
    private(set) var story: [String] = []
    private(set) var problem: String?

    private static let ids = ["a", "b", "c"], urls = ["tcp://x:1", "tcp://y:1", "tcp://z:1"]

    init(_ seed: UInt64, _ bench: ChainBench, _ url: Neighbour) {
        (self.bench, self.url) = (bench, url)
        random = SplitMix(state: seed)
        seen = bench.nextHop.calls.count
    }

    mutating func run() {
        for _ in 0..<16 where problem == nil { step() }
        while problem == nil, !flights.isEmpty { answer(.yes) }
        for id in Self.ids where problem == nil { close(id, .yes) }
        expect(bench.nextHop.open.isEmpty && bench.connectionCount == 0 && model.held.isEmpty, "something is left")
        let forgotten = model.forgotten
        expect(forgotten.isEmpty, "nobody knows of \(forgotten)")
    }

    private mutating func step() {
        let idle = Self.ids.filter { id in !flights.contains { $0.flight.id == id } }
        let reply = pick(from: [.yes, .yes, .yes] + HopReply.allCases)
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<6: if let id = idle.randomElement(using: &random) { request(id, reply) }
        case 6..<8: if let id = idle.randomElement(using: &random) { close(id, reply) }
        default: if !flights.isEmpty { answer(reply) }
        }
    }

    private mutating func pick(from replies: [HopReply]) -> HopReply { replies.randomElement(using: &random) ?? .yes }

    private mutating func request(_ id: String, _ reply: HopReply) {
        let known = model.open[id]?.url
        let target = Bool.random(using: &random) ? known ?? Self.urls[0] : Self.urls.randomElement(using: &random) ?? Self.urls[0]
        let isHeld = Int.random(in: 0..<4, using: &random) == 0, retires = Int.random(in: 0..<6, using: &random) == 0
        let closes = pick(from: [.yes, .yes] + HopReply.allCases)
        story.append("request \(id) \(target)\(retires ? ", retiring" : "") -> \(isHeld ? "held" : "\(reply)"), closes \(closes)")
        guard let text = try? ClientURL(target) else { return expect(false, "no url") }
        url.provide(.clientURL, text)
        script(.request, isHeld ? nil : reply)
        script(.close, closes)
        Retirer.isWanted.withLock { $0 = retires }
        let call = bench.request(id), flight = model.begin(id, target, retires: retires)
        Retirer.isWanted.withLock { $0 = false }
        if isHeld {
            flights.append((flight, call))
        } else {
            model.end(flight, reply, mechanism: "m\(answers)", closes: closes)
            expect(call.isAnswered && call.isGood == (reply == .yes), "answered \(call.code.map { "\($0)" } ?? "well")")
        }
        look()
    }

    private mutating func answer(_ reply: HopReply) {
        let (flight, call) = flights.removeFirst(), closes = pick(from: HopReply.allCases)
        story.append("answer \(flight.id) -> \(reply), closes \(closes)")
        script(.close, closes)
        answers += 1
        bench.nextHop.reply(Self.reply(reply, "m\(answers)"))
        bench.run()
        model.end(flight, reply, mechanism: "m\(answers)", closes: closes)
        expect(call.isAnswered && call.isGood == (reply == .yes), "answered \(call.code.map { "\($0)" } ?? "well")")
        look()
    }

    private mutating func close(_ id: String, _ reply: HopReply) {
        story.append("close \(id) -> \(reply)")
        script(.close, reply)
        let isOpen = model.open[id] != nil, call = bench.close(id)
        model.close(id, reply)
        expect(call.isAnswered && call.isGood == (reply == .yes || !isOpen), "answered \(call.code.map { "\($0)" } ?? "well")")
        look()
    }

    private mutating func script(_ verb: HookName, _ reply: HopReply?) {
        if verb == .request { answers += 1 }
        bench.nextHop.script(verb, reply.map { Self.reply($0, "m\(answers)") } ?? .hold)
    }

    private static func reply(_ reply: HopReply, _ mechanism: String) -> NextHop.Reply {
        switch reply {
        case .yes: .answer { $0.mechanism = mechanism }
        case .no: .refuse(.failedPrecondition, "no")
        case .unreachable: .unreachable("nobody is there")
        case .lost: .lost("broken off")
        }
    }

    /// What the next hops have seen, who holds transports, and what the host has.
    private mutating func look() {
        let calls = bench.nextHop.calls[seen...].map {
            ExpectedCall(isRequest: $0.verb == .request, id: $0.message.id, url: $0.url, mechanism: $0.message.mechanism)
        }
        seen += calls.count
        let expected = model.takeExpected()
        expect(calls == expected, "the next hops have seen \(calls), expected \(expected)")
        let (held, wanted) = (bench.nextHop.open.sorted(), model.held)
        expect(held == wanted, "transports \(held), expected \(wanted)")
        let firsts = flights.filter { model.open[$0.flight.id] == nil }.count
        let (count, known) = (bench.connectionCount, model.open.count + firsts)
        expect(count == known, "\(count) connections, expected \(known)")
    }

    private mutating func expect(_ isTrue: Bool, _ text: @autoclosure () -> String) {
        guard !isTrue, problem == nil else { return }
        problem = text()
        story.append("-> \(text())")
    }
}
