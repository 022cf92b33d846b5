// SPDX-License-Identifier: Apache-2.0
// What the next hop and the callers see of healing, in a chain, with the element linked in and with its built module. Who heals when
// is decided in HealState, and tested there.
internal import CatenaElement
internal import CatenaElementTesting
internal import ConnectElement
internal import HealElement
internal import SerializeElement
internal import Testing

@Suite("heal")
struct HealTests {
    private let url: Neighbour

    init() throws { url = Neighbour("url", values: [.provides(.clientURL, try ClientURL("tcp://a:1"), kept: true)]) }

    /// - Parameter above: heal stands above connect, and not in its client chain.
    private func run(
        _ form: ElementForm, _ config: ConfigText = .empty, above: Bool = false, _ body: (ChainBench) async throws -> Void
    ) async throws {
        let heal = BenchElement.element(HealElement.self, form, config: config)
        let connect = BenchElement.element(ConnectElement.self, form, config: ["client": "out"])
        let elements: [BenchElement] = [.element(SerializeElement.self, form), .neighbour(url)] + (above ? [heal] : []) + [connect]
        try await ChainBench.run(elements, clients: ["out": above ? [] : [heal]], body)
    }

    /// A connection that has been up for a minute.
    private func open(_ bench: ChainBench, _ id: String = "a", asClient: Bool = false) {
        if asClient {
            #expect(bench.request(TestMessage(id: id, service: "icmp", path: [.init(name: "fwd", id: id)])).isGood)
        } else {
            #expect(bench.requestThroughForwarder(id).isGood)
        }
        bench.advance(by: .seconds(60))
    }

    private func verbs(_ bench: ChainBench) -> [HookName] { bench.nextHop.calls.map(\.verb) }
    private func said(_ bench: ChainBench, _ text: String) -> Int { bench.logLines.count { $0.text == text } }

    // MARK: Who heals

    @Test("a next hop that came back without the connection gets one Request, and none while it was away", arguments: ElementForm.allCases, [false, true])
    func restarted(form: ElementForm, above: Bool) async throws {
        try await run(form, above: above) { bench in
            open(bench)
            bench.nextHop.loses()
            bench.advance(by: .seconds(60))
            #expect(verbs(bench) == [.request])
            bench.nextHop.comesBack(isNew: true)
            bench.advance(by: .milliseconds(250))
            #expect(verbs(bench) == [.request, .request] && said(bench, "is up again") == 1)
            bench.advance(by: .seconds(60))
            #expect(verbs(bench).count == 2 && bench.timers.isEmpty)
        }
    }

    @Test("one that came back with the connection needs none", arguments: ElementForm.allCases)
    func kept(form: ElementForm) async throws {
        try await run(form) { bench in
            open(bench)
            bench.nextHop.loses()
            bench.advance(by: .seconds(3))
            bench.nextHop.comesBack()
            bench.advance(by: .seconds(60))
            #expect(verbs(bench) == [.request])
        }
    }

    @Test("what the next hop has closed by itself is asked for again at once", arguments: ElementForm.allCases)
    func deleted(form: ElementForm) async throws {
        try await run(form) { bench in
            open(bench)
            bench.nextHop.deletes("a")
            bench.run()
            #expect(verbs(bench) == [.request, .request])
        }
    }

    @Test("a forwarder leaves a DOWN from further on to those who are there", arguments: ElementForm.allCases)
    func downForwarder(form: ElementForm) async throws {
        try await run(form) { bench in
            bench.setLogLevel(.debug)
            open(bench)
            var down = bench.nextHop.calls[0].message
            down.state = .down
            bench.nextHop.reports(down)
            bench.advance(by: .seconds(60))
            down.state = .up
            bench.nextHop.reports(down)
            bench.run()
            #expect(verbs(bench) == [.request] && said(bench, "is up again") == 1)
        }
    }

    @Test("a client waits for them, and then asks for another endpoint in one turn", arguments: ElementForm.allCases)
    func downClient(form: ElementForm) async throws {
        try await run(form, ["reselectAfter": "3s"]) { bench in
            bench.nextHop.script(
                .request,
                .answer {
                    $0.endpoint = "nse-1"
                    $0.mechanism = "MEMIF"
                })
            open(bench, asClient: true)
            var down = bench.nextHop.calls[0].message
            down.state = .down
            bench.nextHop.reports(down)
            bench.advance(by: .milliseconds(2_999))
            #expect(verbs(bench) == [.request])
            bench.advance(by: .milliseconds(1))
            #expect(verbs(bench) == [.request, .close, .request])
            let sent = bench.nextHop.calls[2].message
            #expect(sent.state == .reselectRequested && sent.endpoint == "" && sent.mechanism == nil && sent.networkService == "icmp")
        }
    }

    @Test("what is said by the config counts more than the place in the path", arguments: ElementForm.allCases)
    func role(form: ElementForm) async throws {
        for (role, closes) in [("client", 1), ("forwarder", 0)] {
            try await run(form, ConfigText(#"{"role":"\#(role)"}"#)) { bench in
                open(bench, asClient: role == "forwarder")
                bench.nextHop.deletes("a")
                bench.run()
                #expect(bench.nextHop.count(.close) == closes && bench.nextHop.count(.request) == 2)
            }
        }
    }

    // MARK: Attempts

    @Test("attempts that fail come ever more slowly, close the old half once, and end with the first that succeeds", arguments: ElementForm.allCases)
    func attempts(form: ElementForm) async throws {
        try await run(form) { bench in
            open(bench, asClient: true)
            bench.nextHop.script(.request, .refuse(.unavailable, "x"), .refuse(.unavailable, "x"), .refuse(.unavailable, "x"), .accept)
            bench.nextHop.deletes("a")
            bench.run()
            #expect(verbs(bench) == [.request, .close, .request])
            bench.advance(by: .milliseconds(99))
            #expect(bench.nextHop.count(.request) == 2)
            bench.advance(by: .milliseconds(1_400))
            #expect(verbs(bench) == [.request, .close, .request, .request, .request, .request])
            bench.advance(by: .seconds(60))
            #expect(verbs(bench).count == 6 && bench.connectionCount == 1)
        }
    }

    @Test("after as many attempts as may be it is given up, until there is news", arguments: ElementForm.allCases)
    func givesUp(form: ElementForm) async throws {
        try await run(form, ["maxAttempts": 2]) { bench in
            open(bench)
            bench.nextHop.script(.request, .refuse(.unavailable, "x"))
            bench.nextHop.deletes("a")
            bench.advance(by: .seconds(60))
            #expect(bench.nextHop.count(.request) == 3 && said(bench, "is given up") == 1)
            bench.nextHop.script(.request, .accept)
            bench.nextHop.loses()
            bench.nextHop.comesBack(isNew: true)
            bench.advance(by: .seconds(1))
            #expect(bench.nextHop.count(.request) == 4)
        }
    }

    @Test("nothing is asked for on a path that has expired", arguments: ElementForm.allCases)
    func expired(form: ElementForm) async throws {
        try await run(form) { bench in
            let path = [PathSegment(name: "client", id: "c-a", token: "t", expires: 1), PathSegment(name: "fwd", id: "a")]
            #expect(bench.request(TestMessage(id: "a", path: path, index: 1)).isGood)
            bench.advance(by: .seconds(60))
            bench.nextHop.deletes("a")
            bench.advance(by: .seconds(60))
            #expect(bench.nextHop.count(.request) == 1 && said(bench, "is given up") == 1)
        }
    }

    @Test("a next hop that leaves a Request without a word is dialled anew", arguments: ElementForm.allCases)
    func silence(form: ElementForm) async throws {
        try await run(form) { bench in
            open(bench)
            bench.nextHop.script(.request, .lost("x"), .accept)
            bench.nextHop.deletes("a")
            bench.advance(by: .seconds(1))
            #expect(bench.nextHop.count(.request) == 3 && bench.nextHop.transports.map(\.isClosed) == [true, false])
        }
    }

    @Test("as many heal at a time as may", arguments: ElementForm.allCases)
    func parallel(form: ElementForm) async throws {
        try await run(form, ["parallel": 2]) { bench in
            let ids = ["a", "b", "c", "d", "e"]
            for id in ids { #expect(bench.requestThroughForwarder(id).isGood) }
            bench.advance(by: .seconds(60))
            bench.nextHop.loses()
            bench.run()
            bench.nextHop.script(.request, .hold)
            bench.nextHop.comesBack(isNew: true)
            bench.advance(by: .milliseconds(250))
            #expect(bench.nextHop.heldCount == 2)
            var most = 0
            while bench.nextHop.reply() {
                bench.run()
                most = max(most, bench.nextHop.heldCount)
            }
            #expect(most == 2 && bench.nextHop.count(.request) == 10)
            #expect(Set(bench.nextHop.calls.suffix(5).map(\.message.id)) == Set(ids))
        }
    }

    // MARK: Others

    @Test("a Request from outside takes the place of the next attempt", arguments: ElementForm.allCases)
    func outside(form: ElementForm) async throws {
        try await run(form) { bench in
            open(bench)
            bench.nextHop.script(.request, .refuse(.unavailable, "x"), .accept)
            bench.nextHop.deletes("a")
            bench.run()
            #expect(bench.requestThroughForwarder("a").isGood)
            bench.advance(by: .seconds(60))
            #expect(bench.nextHop.count(.request) == 3)
        }
    }

    @Test("a Close ends healing at once, and is the last word", arguments: ElementForm.allCases)
    func close(form: ElementForm) async throws {
        try await run(form) { bench in
            open(bench)
            bench.nextHop.script(.request, .hold)
            bench.nextHop.deletes("a")
            bench.run()
            #expect(bench.nextHop.heldCount == 1)
            #expect(bench.close("a").isGood && bench.nextHop.heldCount == 0)
            bench.advance(by: .seconds(60))
            #expect(bench.nextHop.count(.request) == 2 && bench.connectionCount == 0 && bench.nextHop.streams.isEmpty)
        }
    }

    @Test("a refresh that fails ends no watch", arguments: ElementForm.allCases)
    func failedRefresh(form: ElementForm) async throws {
        try await run(form) { bench in
            open(bench)
            bench.nextHop.script(.request, .refuse(.unavailable, "x"), .accept)
            #expect(bench.requestThroughForwarder("a").code == .unavailable)
            bench.nextHop.deletes("a")
            bench.run()
            #expect(bench.nextHop.count(.request) == 3)
        }
    }

    @Test("a connection that goes another way is watched there, and left where it was", arguments: ElementForm.allCases)
    func moved(form: ElementForm) async throws {
        try await run(form) { bench in
            open(bench)
            url.provide(.clientURL, try ClientURL("tcp://b:1"))
            // All URLs lead to one script: a good Close would end the new one.
            bench.nextHop.script(.close, .unreachable("x"))
            open(bench)
            #expect(bench.nextHop.streams.count == 1 && verbs(bench) == [.request, .request, .close])
            bench.nextHop.deletes("a")
            bench.run()
            #expect(bench.nextHop.calls.last?.url == "tcp://b:1" && bench.nextHop.count(.request) == 3)
        }
    }

    @Test("in a chain that begins its own connections another endpoint is asked for as well", arguments: ElementForm.allCases)
    func ownConnections(form: ElementForm) async throws {
        let heal = BenchElement.element(HealElement.self, form)
        let connect = BenchElement.element(ConnectElement.self, form, config: ["client": "out", "mechanism": "pass"])
        try await ChainBench.run(
            [.element(SerializeElement.self, form), .neighbour(url), heal, connect], clients: ["out": []], side: .client
        ) { bench in
            bench.nextHop.script(
                .request,
                .answer {
                    $0.endpoint = "nse-1"
                    $0.mechanism = "MEMIF"
                })
            open(bench, asClient: true)
            bench.nextHop.deletes("a")
            bench.run()
            #expect(verbs(bench) == [.request, .close, .request])
            let sent = bench.nextHop.calls[2].message
            #expect(sent.state == .reselectRequested && sent.endpoint == "" && sent.mechanism == nil && sent.networkService == "icmp")
            bench.advance(by: .seconds(60))
            #expect(verbs(bench).count == 3 && bench.timers.isEmpty)
        }
    }

    @Test("without an anchor it refuses to load, and says what is missing", arguments: ElementForm.allCases)
    func noAnchor(form: ElementForm) async throws {
        let error = await #expect(throws: BenchError.self) {
            try await ChainBench.run([.element(HealElement.self, form)]) { _ in }
        }
        #expect(error?.description.contains(#""heal" keeps something for each connection, and there is no anchor"#) == true, "\(error.map(\.description) ?? "")")
    }

    // MARK: Liveness

    @Test("a connection whose check fails as often as agreed is healed at another endpoint", arguments: ElementForm.allCases)
    func dead(form: ElementForm) async throws {
        let config: ConfigText = #"{"liveness":{"command":["false"],"interval":"200ms","timeout":"10m","failures":2}}"#
        try await run(form, config) { bench in
            #expect(bench.request(TestMessage(id: "a", path: [.init(name: "fwd", id: "a")])).isGood)
            await bench.run {
                bench.advance(by: .milliseconds(200))
                return bench.nextHop.count(.request) > 1
            }
            #expect(bench.nextHop.calls[1].verb == .close && bench.nextHop.calls[2].message.state == .reselectRequested)
        }
    }

    @Test("checks go on while the connection is there, and end with it", arguments: ElementForm.allCases)
    func alive(form: ElementForm) async throws {
        let folder = try TemporaryFolder(), file = folder.path("seen")
        let config = ConfigText(#"{"liveness":{"command":["sh","-c","cat >> \#(file); echo >> \#(file)"],"timeout":"10m"}}"#)
        try await run(form, config) { bench in
            #expect(bench.request(TestMessage(id: "a", path: [.init(name: "fwd", id: "a")])).isGood)
            await bench.run {
                bench.advance(by: .milliseconds(200))
                return folder.lines("seen").count > 3
            }
            #expect(folder.lines("seen").first?.contains(#""id":"a""#) == true, "\(folder.lines("seen").first ?? "")")
            #expect(bench.nextHop.calls.count == 1)
            #expect(bench.close("a").isGood && bench.timers.isEmpty)
        }
    }
}
