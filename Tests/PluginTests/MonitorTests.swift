// SPDX-License-Identifier: Apache-2.0
// What subscribers of a chain hear of its calls: only what has happened, once, and nothing of what was tried in vain.
internal import CatenaElement
internal import CatenaElementTesting
internal import MonitorElement
internal import Testing

@Suite("monitor")
struct MonitorTests {
    private let below = Neighbour("below")

    private func run(_ form: ElementForm, _ config: ConfigText = "{}", _ body: (ChainBench, BenchSubscriber) async throws -> Void) async throws {
        try await ChainBench.run([.anchor, .element(MonitorElement.self, form, config: config), .neighbour(below)]) { bench in
            try await body(bench, try #require(bench.subscribe()))
        }
    }

    @Test("a good Request is an UPDATE with the connection as it comes back, a Close a DELETE", arguments: ElementForm.allCases)
    func updates(form: ElementForm) async throws {
        below.script(.requestReply, .edit { $0.networkService = "chosen below" })
        try await run(form) { bench, subscriber in
            #expect(subscriber.lines == ["complete"])
            bench.request("one")
            bench.request("one")
            bench.request("two")
            #expect(bench.close("one").isGood)
            #expect(subscriber.lines == ["complete", "update one", "update one", "update two", "delete one"])
            guard case .update(let message) = subscriber.news[1] else { return _ = Issue.record("no update") }
            #expect(message.networkService == "chosen below")
            #expect(bench.subscribe()?.lines == ["present two", "complete"])
        }
    }

    @Test("a Request that fails is no news, be it the first or a refresh", arguments: ElementForm.allCases)
    func failures(form: ElementForm) async throws {
        try await run(form) { bench, subscriber in
            below.inject(.unavailable, at: .request)
            #expect(bench.request("one").code == .unavailable)
            bench.request("one")
            below.inject(.unavailable, at: .request)
            #expect(bench.request("one").code == .unavailable)
            #expect(subscriber.lines == ["complete", "update one"])
            #expect(bench.subscribe()?.lines == ["present one", "complete"])
        }
    }

    @Test("a Request that an element above fails is undone, and deleted", arguments: ElementForm.allCases)
    func undone(form: ElementForm) async throws {
        let above = Neighbour("above")
        try await ChainBench.run([.anchor, .neighbour(above), .element(MonitorElement.self, form), .neighbour(below)]) { bench in
            let subscriber = try #require(bench.subscribe())
            above.inject(.aborted, at: .requestReply)
            #expect(bench.request("one").code == .aborted)
            #expect(subscriber.lines == ["complete", "update one", "delete one"])
        }
    }

    @Test("a Close that fails deletes all the same, and one of an unknown connection tells nobody", arguments: ElementForm.allCases)
    func failedClose(form: ElementForm) async throws {
        try await run(form) { bench, subscriber in
            bench.request("one")
            below.inject(.unavailable, at: .close)
            #expect(bench.close("one").code == .unavailable)
            bench.close("two")
            #expect(subscriber.lines == ["complete", "update one", "delete one"])
        }
    }

    @Test("a subscriber hears of what it wants, and of its end as it was told of it", arguments: ElementForm.allCases)
    func choice(form: ElementForm) async throws {
        try await ChainBench.run([.anchor, .element(MonitorElement.self, form)]) { bench in
            let subscriber = try #require(bench.subscribe { $0.networkService == "icmp" })
            bench.request("one") { $0.networkService = "icmp" }
            bench.request("two") { $0.networkService = "dns" }
            bench.close("one") { $0.networkService = "" }
            #expect(subscriber.lines == ["complete", "update one", "delete one"])
        }
    }

    @Test("when the chain stops, its connections are not deleted: the subscriber is told that it is over", arguments: ElementForm.allCases)
    func stop(form: ElementForm) async throws {
        var heard: BenchSubscriber?
        try await run(form) { bench, subscriber in
            bench.request("one")
            heard = subscriber
        }
        #expect(heard?.lines == ["complete", "update one", "over"])
    }

    @Test("a chain has one monitor, and a client chain none", arguments: ElementForm.allCases)
    func places(form: ElementForm) async throws {
        let one = BenchElement.element(MonitorElement.self, form, name: "first"), other = BenchElement.element(MonitorElement.self, form, name: "second")
        let error = await #expect(throws: BenchError.self) { try await ChainBench.run([.anchor, one, other]) { _ in } }
        #expect("\(try #require(error))".contains("has another such element"))
        await #expect(throws: BenchError.self) { try await ChainBench.run([.anchor, one], side: .client) { _ in } }
    }

    @Test("the queue of the config reaches the host; a host without the service is not fit for it")
    func queue() throws {
        let host = RecordingHost()
        _ = try HookBench(MonitorElement.self, config: ["queue": 7], host: host)
        #expect(host.monitorQueue == 7)
        let other = RecordingHost()
        other.missing = ["monitor/1"]
        #expect(throws: ConfigProblem("the host offers no \"monitor/1\"")) { try HookBench(MonitorElement.self, host: other) }
    }
}
