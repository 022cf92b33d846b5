// SPDX-License-Identifier: Apache-2.0
// What a chain with a next hop tells of it: each change once, and of path and context only what the next hop has changed.
internal import CatenaElement
internal import CatenaElementTesting
internal import ConnectElement
internal import MonitorElement
internal import Testing

@Suite("monitor, between a next hop and its subscribers")
struct MonitorRelayTests {
    private let url: Neighbour

    init() throws { url = Neighbour("url", values: [.provides(.clientURL, try ClientURL("tcp://a:1"), kept: true)]) }

    /// - Parameter body: the connection "a" is open, and the subscriber has heard of it.
    private func run(
        _ form: ElementForm = .linked, below: [BenchElement] = [], _ body: (ChainBench, BenchSubscriber) throws -> Void
    ) async throws {
        let connect = BenchElement.element(ConnectElement.self, config: ["client": "out"])
        try await ChainBench.run([.anchor, .neighbour(url), .element(MonitorElement.self, form)] + below + [connect], clients: ["out": []]) { bench in
            let subscriber = try #require(bench.subscribe())
            bench.requestThroughForwarder("a")
            bench.run()
            #expect(states(subscriber) == ["UP"])
            try body(bench, subscriber)
        }
    }

    private func updates(_ subscriber: BenchSubscriber) -> [TestMessage] {
        subscriber.news.compactMap { if case .update(let message) = $0 { message } else { nil } }
    }

    private func states(_ subscriber: BenchSubscriber) -> [String] { updates(subscriber).map { "\($0.state)" } }

    @Test("what was lost is DOWN, once, and UP when it is there again, once", arguments: ElementForm.allCases, ["down", "deleted", "lost"])
    func relay(form: ElementForm, how: String) async throws {
        try await run(form) { bench, subscriber in
            let reported = try #require(bench.nextHop.calls.first).message
            for _ in 0..<2 {
                switch how {
                case "down":
                    var down = reported
                    down.state = .down
                    bench.nextHop.reports(down)
                case "deleted": bench.nextHop.deletes("a")
                default: bench.nextHop.loses()
                }
                bench.advance(by: .seconds(2))
            }
            #expect(states(subscriber) == ["UP", "DOWN"])
            let down = try #require(updates(subscriber).last)
            #expect(down.id == "a" && down.pathIndex == 1 && down.segments.map(\.name) == updates(subscriber)[0].segments.map(\.name))
            if how == "lost" { bench.nextHop.comesBack() } else { bench.nextHop.reports(reported) }
            bench.advance(by: .seconds(2))
            bench.nextHop.reports(reported)
            bench.advance(by: .seconds(2))
            #expect(states(subscriber) == ["UP", "DOWN", "UP"])
            #expect(bench.close("a").isGood)
            #expect(subscriber.lines.suffix(2) == ["update a", "delete a"])
        }
    }

    @Test("a next hop that came back without the connection leaves it DOWN until a Request has opened it")
    func missing() async throws {
        try await run { bench, subscriber in
            bench.nextHop.loses()
            bench.nextHop.comesBack(isNew: true)
            bench.advance(by: .seconds(2))
            #expect(states(subscriber) == ["UP", "DOWN"])
            bench.requestThroughForwarder("a")
            bench.advance(by: .seconds(2))
            #expect(states(subscriber) == ["UP", "DOWN", "UP"])
        }
    }

    @Test("path and context follow the next hop's changes; what an element here has added to them stays until then")
    func changes() async throws {
        let adds = Neighbour("adds")
        adds.script(.requestReply, .edit { $0.segments.append(PathSegment(name: "added here", id: "x")) })
        try await run(below: [.neighbour(adds)]) { bench, subscriber in
            bench.advance(by: .seconds(2))
            #expect(updates(subscriber).map { $0.segments.last?.name } == ["added here"])
            var moved = try #require(bench.nextHop.calls.first).message
            moved.segments.append(.init(name: "further", id: "f"))
            bench.nextHop.reports(moved)
            bench.advance(by: .seconds(2))
            #expect(updates(subscriber).count == 2)
            let message = try #require(updates(subscriber).last)
            #expect(message.segments.last?.name == "further" && message.pathIndex == 1 && message.id == "a" && message.state == .up)
        }
    }

    @Test("T6.3: a next hop whose monitor cannot be reached holds up no Request")
    func unreachable() async throws {
        try await run { bench, _ in
            bench.nextHop.loses()
            let call = bench.requestThroughForwarder("b")
            #expect(call.isGood)
        }
    }

    @Test("what the next hop says while the connection is being closed is no news")
    func closing() async throws {
        try await run { bench, subscriber in
            bench.nextHop.script(.close, .hold)
            let close = bench.close("a")
            bench.nextHop.deletes("a")
            bench.run()
            #expect(!close.isAnswered && subscriber.lines == ["complete", "update a"])
            bench.nextHop.reply()
            bench.run()
            #expect(close.isGood && subscriber.lines == ["complete", "update a", "delete a"] && bench.nextHop.streams.isEmpty)
        }
    }
}
