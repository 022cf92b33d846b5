// SPDX-License-Identifier: Apache-2.0
// The tests of begin, the Go element that took serialize's place: T3.1 to T3.4 and T3.7 to T3.16. Those of the stress are in
// SerializeStressTests, those of elements of their own in the READMEs' table.
internal import CatenaElement
internal import CatenaElementTesting
internal import ConnectElement
internal import Foundation
internal import SerializeElement
internal import Synchronization
internal import Testing

@Suite("serialize: originals, begin")
struct BeginOriginalsTests {
    private let bench = SerializeBench()
    private var below: Neighbour { bench.below }
    private let service = UUID().uuidString
    static let sides: [BenchSide] = [.server, .client]

    @Test("T3.1, T3.2: a Close carries what elements below have added, though its caller took that away", arguments: ElementForm.allCases, sides)
    func closeCorrectness(form: ElementForm, side: BenchSide) async throws {
        below.script(.request, .edit({ $0.setContext(ip: "", extra: ["mark": "mark"]) }))
        try await bench.run(form, side: side) { chain in
            var message = try #require(chain.ask("s").message)
            #expect(try message.extraContext() == ["mark": "mark"])
            message.setContext(ip: "", extra: [:])
            #expect(chain.close(message).isGood)
            #expect(try below.sights(.close).first?.message.extraContext() == ["mark": "mark"])
        }
    }

    @Test("T3.3, T3.4: of two Closes one goes below, and both succeed", arguments: ElementForm.allCases, sides)
    func doubleClose(form: ElementForm, side: BenchSide) async throws {
        try await bench.run(form, side: side) { chain in
            chain.ask("s")
            #expect(chain.close().isGood && chain.close().isGood && below.count(.close) == 1)
        }
    }

    @Test("T3.7: a served chain that goes on in a client chain, each with serialize: the inner one is inert", arguments: ElementForm.allCases)
    func nested(form: ElementForm) async throws {
        let url = Neighbour("url", values: [.provides(.clientURL, try ClientURL("tcp://a:1"), kept: true)]), client = Neighbour("client")
        let serialize = BenchElement.element(SerializeElement.self, form, config: ["queue": 4096])
        let connect = BenchElement.element(ConnectElement.self, form, config: ["client": "out"])
        try await ChainBench.run([serialize, .neighbour(url), connect], clients: ["out": [serialize, .neighbour(client)]]) { chain in
            chain.nextHop.script(.request, .hold)
            chain.nextHop.script(.close, .hold)
            let requests = (0..<1_000).map { chain.request("id-\($0 % 20)") }
            let closes = (0..<1_000).map { chain.close("id-\($0 % 20)") }
            while chain.nextHop.reply() { chain.run() }
            let failed = requests.filter { !$0.isGood }
            #expect(failed.allSatisfy { $0.error?.text == "the connection is being closed: \($0.sent.id)" } && closes.allSatisfy(\.isGood))
            #expect(chain.nextHop.count(.close) == 20 && chain.connectionCount == 0)
        }
    }

    // MARK: Events

    private func taken() throws -> Taken { try #require(Taken.by(service)) }

    private func runTaking(
        _ form: ElementForm, side: BenchSide = .server, _ body: (ChainBench) async throws -> Void
    ) async throws {
        let element = BenchElement.element(SerializeElement.self, form)
        try await ChainBench.run([.neighbour(bench.above), element, .element(ExecutorTaker.self), .neighbour(below)], side: side, body)
    }

    /// An event Request at the anchor, to its end.
    private func event(_ chain: ChainBench, _ taken: Taken) throws {
        try taken.host.events.request(taken.executor.connection)
        chain.run()
    }

    @Test("T3.8, T3.9: an event has the context values of the last Request that succeeded", arguments: ElementForm.allCases, sides)
    func values(form: ElementForm, side: BenchSide) async throws {
        let urls = try ["tcp://a:1", "tcp://b:2"].map { try ClientURL($0) }
        let provider = Neighbour("provider", values: [.provides(.clientURL, urls[0], kept: true)])
        let reader = Neighbour("reader", values: [.consumes(.clientURL)])
        reader.script(.request, .next, .fail(.unavailable, "x"), .next)
        let element = BenchElement.element(SerializeElement.self, form)
        try await ChainBench.run(
            [.neighbour(provider), element, .element(ExecutorTaker.self), .neighbour(reader)], side: side
        ) { chain in
            let seen = { reader.sights(.request).map { $0.value(.clientURL) as ClientURL? } }
            chain.ask(service)
            let taken = try taken()
            provider.provide(.clientURL, urls[1])
            #expect(chain.ask("2").code == .unavailable)
            try event(chain, taken)
            #expect(seen() == [urls[0], urls[1], urls[0]])
            #expect(chain.ask("3").isGood)
            try event(chain, taken)
            #expect(seen().suffix(2) == [urls[1], urls[1]])
        }
    }

    @Test("T3.10, T3.11: a Request that comes while an event's Close runs succeeds, and its events work", arguments: ElementForm.allCases, sides)
    func refreshDuringClose(form: ElementForm, side: BenchSide) async throws {
        below.script(.close, .after(.milliseconds(100), .next))
        try await runTaking(form, side: side) { chain in
            chain.ask(service)
            let before = try taken()
            try before.host.events.close(before.executor.connection)
            chain.run()
            let request = chain.ask(service)
            #expect(!request.isAnswered)
            chain.advance(by: .milliseconds(100))
            #expect(request.isGood && bench.order == "RCR")
            try event(chain, try taken())
            #expect(bench.order == "RCRR" && below.sights(.request).map { $0.flags.contains(.first) } == [true, true, false])
        }
    }

    @Test("T3.12, T3.13: an event's Request and Close have their full time, however little the Request before had left", arguments: ElementForm.allCases, sides)
    func freshTime(form: ElementForm, side: BenchSide) async throws {
        below.script(.request, .after(.milliseconds(1_500), .next))
        try await runTaking(form, side: side) { chain in
            let call = chain.request(deadline: .seconds(3)) { $0.networkService = service }
            chain.advance(by: .seconds(2))
            #expect(call.isGood)
            let taken = try taken(), start = chain.now
            try taken.host.events.request(taken.executor.connection)
            chain.run()
            chain.advance(by: .milliseconds(1_500))
            try taken.host.events.close(taken.executor.connection)
            chain.run()
            let times = below.sights().filter { $0.flags.contains(.event) && [.request, .close].contains($0.hook) }.compactMap(\.deadline)
            #expect(times == [start + 15_000_000_000, start + 1_500_000_000 + 30_000_000_000])
        }
    }

    @Test("T3.15: on the client side a second Request's context counts, its mechanism and labels do not", arguments: ElementForm.allCases)
    func rerequest(form: ElementForm) async throws {
        try await bench.run(form, side: .client) { chain in
            var message = try #require(chain.ask("s").message)
            message.setContext(ip: "10.0.0.1", extra: ["k": "v"])
            message.mechanism = "MEMIF"
            message[label: "color"] = "red"
            let answer = try #require(chain.request(message).message)
            #expect(try answer.extraContext() == ["k": "v"] && answer.mechanism == nil && answer[label: "color"] == nil)
        }
    }

    @Test("T3.16: a caller leaves on its deadline; what is below goes on, and a reselection's Close comes before its Request", arguments: ElementForm.allCases)
    func deadline(form: ElementForm) async throws {
        below.script(.request, .after(.seconds(1), .next))
        below.script(.close, .after(.seconds(1), .next))
        try await bench.run(form) { chain in
            let first = chain.request(deadline: .milliseconds(200)) { $0.networkService = "1" }
            chain.advance(by: .milliseconds(200))
            #expect(first.code == .deadlineExceeded)
            chain.advance(by: .seconds(1))
            #expect(below.count(.requestReply) == 1)
            let second = chain.request(deadline: .milliseconds(200)) { message in
                message.networkService = "2"
                message.state = .reselectRequested
            }
            chain.advance(by: .milliseconds(200))
            #expect(second.code == .deadlineExceeded && bench.order == "RC")
            chain.advance(by: .seconds(3))
            #expect(below.count(.closeReply) == 1 && below.count(.requestReply) == 2 && bench.requested == ["1", "2"])
        }
    }
}
