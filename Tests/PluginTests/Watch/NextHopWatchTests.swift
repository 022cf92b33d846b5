// SPDX-License-Identifier: Apache-2.0
// What elements hear of a next hop by itself: one stream for all connections of a transport, kept up by the host, and news that is
// told once to each whom it concerns.
internal import CatenaElement
internal import CatenaElementTesting
internal import ConnectElement
internal import Testing

@Suite("watches of the next hop")
struct NextHopWatchTests {
    private let url: Neighbour

    init() throws { url = Neighbour("url", values: [.provides(.clientURL, try ClientURL("tcp://a:1"), kept: true)]) }

    /// - Parameter above: the watcher stands above connect, and not in its client chain.
    private func run(above: Bool = false, _ body: (ChainBench) throws -> Void) async throws {
        let connect = BenchElement.element(ConnectElement.self, config: ["client": "out"]), watcher = BenchElement.element(Watcher.self)
        let elements: [BenchElement] = [.anchor, .neighbour(url)] + (above ? [watcher] : []) + [connect]
        try await ChainBench.run(elements, clients: ["out": above ? [] : [watcher]], body)
    }

    @Test("a thousand connections are one stream, which ends with the last of them", arguments: [false, true])
    func one(above: Bool) async throws {
        try await run(above: above) { bench in
            let ids = (0..<1_000).map { "id-\($0)" }
            for id in ids { #expect(bench.requestThroughForwarder(id).isGood) }
            #expect(bench.nextHop.streams == [.connections(of: "fwd")] && bench.nextHop.streamsBegun.count == 1)
            #expect(Set(bench.heard) == Set(ids.map { "\($0) up" }))
            for id in ids { #expect(bench.close(id).isGood) }
            #expect(bench.nextHop.streams.isEmpty)
        }
    }

    @Test("only the connection that is reported hears of it", arguments: [false, true])
    func reports(above: Bool) async throws {
        try await run(above: above) { bench in
            for id in ["a", "b"] { bench.requestThroughForwarder(id) }
            bench.advance(by: .seconds(5))
            let before = bench.heard.count
            var down = bench.nextHop.calls[0].message
            down.state = .down
            bench.nextHop.reports(down)
            bench.run()
            #expect(bench.heard.dropFirst(before) == ["a down"] && bench.lastHeard["state"] == "DOWN")
            bench.nextHop.deletes("b")
            bench.run()
            #expect(bench.heard.dropFirst(before) == ["a down", "b deleted"])
        }
    }

    @Test("a stream that is lost is told once, and asked for again at most every 250 ms; who is still there hears so", arguments: [false, true])
    func lost(above: Bool) async throws {
        try await run(above: above) { bench in
            for id in ["a", "b"] { bench.requestThroughForwarder(id) }
            bench.nextHop.loses("connection reset")
            bench.run()
            #expect(Set(bench.heard.suffix(2)) == ["a lost", "b lost"] && bench.lastHeard["error"] == "connection reset")
            let (told, begun) = (bench.heard.count, bench.nextHop.streamsBegun.count)
            bench.advance(by: .seconds(10))
            let attempts = bench.nextHop.streamsBegun.count - begun
            #expect(bench.heard.count == told && (38...41).contains(attempts), "\(attempts)")
            bench.nextHop.comesBack()
            bench.advance(by: .milliseconds(250))
            #expect(Set(bench.heard.dropFirst(told)) == ["a up", "b up"])
            bench.advance(by: .seconds(10))
            #expect(bench.heard.count == told + 2)
        }
    }

    @Test("a next hop that came back without a connection says so at once, and once", arguments: [false, true])
    func restarted(above: Bool) async throws {
        try await run(above: above) { bench in
            bench.requestThroughForwarder("a")
            bench.nextHop.loses()
            bench.run()
            bench.nextHop.comesBack(isNew: true)
            bench.advance(by: .milliseconds(250))
            #expect(bench.heard == ["a up", "a lost", "a missing"])
            bench.advance(by: .seconds(10))
            #expect(bench.heard.count == 3)
            #expect(bench.requestThroughForwarder("a").isGood)
            #expect(bench.heard.last == "a up")
        }
    }

    @Test("a connection that the next hop never reports is missing after a second, once")
    func silent() async throws {
        try await run { bench in
            bench.requestThroughForwarder("a")
            // Its path has no segment of the name that is watched.
            bench.request(TestMessage(id: "b", path: [.init(name: "other", id: "b")]))
            bench.advance(by: .milliseconds(999))
            #expect(bench.heard == ["a up"])
            bench.advance(by: .milliseconds(2))
            #expect(bench.heard == ["a up", "b missing"])
            bench.advance(by: .seconds(10))
            #expect(bench.heard.count == 2)
        }
    }

    @Test("a next hop that does not tell of everything at once is asked for each connection alone")
    func refused() async throws {
        try await run { bench in
            bench.nextHop.refusesWildcards = true
            for id in ["a", "b"] { bench.requestThroughForwarder(id) }
            #expect(Set(bench.nextHop.streams) == [.connection(of: "fwd", id: "a"), .connection(of: "fwd", id: "b")])
            #expect(Set(bench.heard) == ["a up", "b up"])
            bench.nextHop.deletes("b")
            bench.run()
            #expect(bench.heard.last == "b deleted")
            bench.close("a")
            #expect(bench.nextHop.streams == [.connection(of: "fwd", id: "b")])
            bench.nextHop.loses()
            bench.nextHop.comesBack(isNew: true)
            bench.advance(by: .milliseconds(250))
            #expect(bench.heard.suffix(2) == ["b lost", "b missing"])
        }
    }

    @Test("a next hop without a monitor is judged by whether there is a way to it")
    func mute() async throws {
        try await run { bench in
            bench.nextHop.hasMonitor = false
            bench.requestThroughForwarder("a")
            bench.advance(by: .seconds(10))
            #expect(bench.heard.isEmpty && bench.nextHop.streams == [.presence])
            bench.nextHop.loses()
            bench.run()
            #expect(bench.heard == ["a lost"])
            bench.nextHop.comesBack()
            bench.advance(by: .milliseconds(250))
            #expect(bench.heard == ["a lost", "a missing"] && bench.nextHop.streams == [.presence])
        }
    }

    @Test("a watch moves with its leg to another transport, and one above connect to another leg")
    func moves() async throws {
        try await run(above: true) { bench in
            bench.requestThroughForwarder("a")
            url.provide(.clientURL, try ClientURL("tcp://b:1"))
            #expect(bench.requestThroughForwarder("a").isGood)
            #expect(bench.nextHop.streamsBegun.count == 2 && bench.nextHop.streams.count == 1 && bench.nextHop.open == ["tcp://b:1"])
            bench.nextHop.loses()
            bench.run()
            #expect(bench.heard.last == "a lost")
        }
    }

    @Test("who comes to a stream that is open hears at once how its connection stands")
    func latecomer() async throws {
        try await run { bench in
            bench.requestThroughForwarder("a")
            bench.nextHop.script(.request, .answer { $0.state = .down })
            bench.requestThroughForwarder("b")
            #expect(bench.heard.last == "b down")
        }
    }
}
