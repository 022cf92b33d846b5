// SPDX-License-Identifier: Apache-2.0
// What the next hop sees of a connection, and what the caller gets of the next hop: requirements C1 to C5 and C7 of the
// reference, in a chain, with the element linked in and with its built module. Another client URL is in ConnectMoveTests, what only a host could
// do wrong in ConnectHookTests.
internal import CatenaElement
internal import CatenaElementTesting
internal import ConnectElement
internal import Testing

@Suite("connect")
struct ConnectTests {
    private let url: Neighbour
    private let client = Neighbour("client")

    init() throws { url = Neighbour("url", values: [.provides(.clientURL, try ClientURL("tcp://a:1"), kept: true)]) }

    private func run(_ form: ElementForm, _ body: (ChainBench) throws -> Void) async throws {
        let connect = BenchElement.element(ConnectElement.self, form, config: ["client": "out", "dialTimeout": "250ms"])
        try await ChainBench.run([.anchor, .neighbour(url), connect], clients: ["out": [.neighbour(client)]]) { bench in
            bench.nextHop.script(
                .request,
                .answer { message in
                    if message.segments.count == 1 { message.segments.append(.init(name: "nse", id: "id-e")) }
                    message.mechanism = "MEMIF"
                })
            try body(bench)
        }
    }

    private func request(_ bench: ChainBench, segments: [PathSegment] = [.init(name: "fwd", id: "id")]) -> BenchCall {
        bench.request { message in
            message.networkService = "icmp"
            message.segments = segments
            message.preferences = ["KERNEL"]
        }
    }

    @Test("C1, C2: a first Request opens a leg to the client URL and requests there", arguments: ElementForm.allCases)
    func first(form: ElementForm) async throws {
        try await run(form) { bench in
            let answer = try #require(request(bench).message), sent = bench.nextHop.calls
            #expect(sent.map(\.url) == ["tcp://a:1"] && bench.nextHop.transports.map(\.options.dialTimeout) == [.milliseconds(250)])
            #expect(sent[0].message.preferences == [] && sent[0].message.mechanism == nil && sent[0].message.networkService == "icmp")
            #expect(answer.segments.map(\.name) == ["fwd", "nse"] && answer.mechanism == nil)
            #expect(client.sights(.request).map(\.path) == ["bench/connect/client"])
        }
    }

    @Test("what the config says of dialling is what the transport is asked for", arguments: ElementForm.allCases)
    func dialOptions(form: ElementForm) async throws {
        let config: ConfigText = #"""
            { "client": "out", "dialTimeout": "1s", "keepalive": "2s", "keepaliveTimeout": "3s", "maxMessageSize": 4096,
              "waitForReady": true, "backoff": "5ms", "backoffMax": "6s", "share": "connection" }
            """#
        let asked = DialOptions(
            dialTimeout: .seconds(1), exclusive: true, keepalive: .init(time: .seconds(2), timeout: .seconds(3)), maxMessageSize: 4_096,
            waitForReady: true, backoff: .init(initial: .milliseconds(5), maximum: .seconds(6)))
        let connect = BenchElement.element(ConnectElement.self, form, config: config)
        try await ChainBench.run([.anchor, .neighbour(url), connect], clients: ["out": []]) { bench in
            #expect(request(bench).isGood)
            #expect(bench.nextHop.transports.map(\.options) == [asked])
        }
    }

    @Test("C3: a refresh goes over the same leg, with its mechanism and the path beyond this host", arguments: ElementForm.allCases)
    func refresh(form: ElementForm) async throws {
        try await run(form) { bench in
            #expect(request(bench).isGood && request(bench).isGood)
            let sent = bench.nextHop.calls[1].message
            #expect(bench.nextHop.transports.count == 1 && sent.mechanism == "MEMIF" && sent.segments.map(\.name) == ["fwd", "nse"])
        }
    }

    @Test("a caller may know the way beyond a host that has lost its state", arguments: ElementForm.allCases)
    func knownPath(form: ElementForm) async throws {
        try await run(form) { bench in
            _ = request(bench, segments: [.init(name: "fwd", id: "id"), .init(name: "nse", id: "id-before")])
            #expect(bench.nextHop.calls[0].message.segments.map(\.id) == ["id", "id-before"])
        }
    }

    @Test(
        "C3: what the next hop said last of the path beyond this host counts, whatever the caller says", arguments: ElementForm.allCases,
        [[], [PathSegment(name: "nse", id: "id-old")], [PathSegment(name: "other", id: "id-o"), PathSegment(name: "nse", id: "id-e")]])
    func lastPath(form: ElementForm, beyond: [PathSegment]) async throws {
        try await run(form) { bench in
            _ = request(bench)
            _ = request(bench, segments: [.init(name: "fwd", id: "id")] + beyond)
            #expect(bench.nextHop.calls[1].message.segments.map(\.id) == ["id", "id-e"])
            #expect(bench.nextHop.calls[1].message.segments.map(\.name) == ["fwd", "nse"])
        }
    }

    @Test("without a client URL a Request fails and names its connection", arguments: ElementForm.allCases)
    func noURL(form: ElementForm) async throws {
        url.provide(.clientURL, ClientURL())
        try await run(form) { bench in
            let call = request(bench)
            #expect(call.code == .failedPrecondition && call.error?.text == "clientURL not found for incoming connection: id")
            #expect(bench.nextHop.transports.isEmpty)
        }
    }

    @Test("a first Request that fails leaves nothing behind, and its error goes on unchanged", arguments: ElementForm.allCases)
    func firstFails(form: ElementForm) async throws {
        try await run(form) { bench in
            var error = ElementError(.notFound, "no such service")
            error.origin = "endpoint/x"
            bench.nextHop.script(.request, .refuse(error))
            #expect(request(bench).error == error)
            #expect(bench.nextHop.open.isEmpty && bench.nextHop.count(.close) == 0 && bench.connectionCount == 0)
        }
    }

    @Test("an answer that was lost may have taken effect: the next hop gets a Close", arguments: ElementForm.allCases)
    func lost(form: ElementForm) async throws {
        try await run(form) { bench in
            bench.nextHop.script(.request, .lost("connection reset"))
            let call = request(bench)
            #expect(call.code == .unavailable && call.error?.isIndefinite == true && bench.nextHop.count(.close) == 1)
        }
    }

    @Test("a next hop that is silent is left at the caller's deadline, and closed", arguments: ElementForm.allCases)
    func silent(form: ElementForm) async throws {
        try await run(form) { bench in
            bench.nextHop.script(.request, .hold)
            let call = bench.request(deadline: .seconds(2)) { $0.segments = [.init(name: "fwd", id: "id")] }
            bench.advance(by: .seconds(3))
            #expect(call.code == .deadlineExceeded)
            bench.advance(by: .seconds(20))
            #expect(bench.nextHop.heldCount == 0 && bench.nextHop.count(.close) == 1 && bench.connectionCount == 0)
        }
    }

    @Test("a good answer that cannot be taken over is closed at the next hop, and leaves nothing behind", arguments: ElementForm.allCases)
    func cannotAccept(form: ElementForm) async throws {
        try await run(form) { bench in
            bench.nextHop.script(.request, .hold)
            let call = request(bench)
            bench.refuseCopies()
            bench.nextHop.reply(.accept)
            bench.run()
            #expect(call.error != nil && call.error?.origin == "bench/connect")
            #expect(bench.nextHop.calls.map(\.verb) == [.request, .close] && bench.nextHop.calls[1].message.id == "id")
            #expect(bench.nextHop.open.isEmpty)
        }
    }

    @Test("a refresh is taken over even where no copy of its answer can be made", arguments: ElementForm.allCases)
    func acceptsRefreshWithoutCopy(form: ElementForm) async throws {
        try await run(form) { bench in
            _ = request(bench)
            bench.nextHop.script(.request, .hold)
            let refresh = request(bench)
            bench.refuseCopies()
            bench.nextHop.reply(.accept)
            bench.run()
            #expect(refresh.isGood && bench.nextHop.count(.close) == 0)
            bench.refuseCopies(false)
            #expect(bench.close().isGood && bench.nextHop.count(.close) == 1)
        }
    }

    @Test("a refresh that fails keeps the leg", arguments: ElementForm.allCases)
    func refreshFails(form: ElementForm) async throws {
        try await run(form) { bench in
            _ = request(bench)
            bench.nextHop.script(.request, .refuse(.unavailable, "x"))
            #expect(request(bench).code == .unavailable)
            #expect(bench.nextHop.transports.map(\.isClosed) == [false] && bench.connectionCount == 1)
        }
    }

    @Test("C4: a Close closes with the last client connection and then drops the leg", arguments: ElementForm.allCases)
    func close(form: ElementForm) async throws {
        try await run(form) { bench in
            _ = request(bench)
            #expect(bench.close().isGood)
            let sent = try #require(bench.nextHop.calls.last)
            #expect(sent.verb == .close && sent.message.mechanism == "MEMIF" && sent.message.segments.map(\.name) == ["fwd", "nse"])
            #expect(bench.nextHop.transports.map(\.isClosed) == [true])
            #expect(bench.close().isGood && bench.nextHop.count(.close) == 1)
        }
    }

    @Test("C4: a Close that fails drops the leg all the same, and says so with the code it got", arguments: ElementForm.allCases)
    func closeFails(form: ElementForm) async throws {
        try await run(form) { bench in
            _ = request(bench)
            bench.nextHop.script(.close, .refuse(.unavailable, "no answer"))
            let call = bench.close()
            #expect(call.code == .unavailable && call.error?.text == "errors during client close: no answer")
            #expect(bench.nextHop.transports.map(\.isClosed) == [true])
        }
    }

    @Test("C5: a Close of an unknown connection is quiet", arguments: ElementForm.allCases)
    func closeUnknown(form: ElementForm) async throws {
        try await run(form) { bench in #expect(bench.close().isGood && bench.nextHop.calls.isEmpty) }
    }

    @Test("with no anchor above it connect is refused, and says what to put there", arguments: ElementForm.allCases)
    func noAnchor(form: ElementForm) async throws {
        let connect = BenchElement.element(ConnectElement.self, form, config: ["client": "out"])
        let error = await #expect(throws: BenchError.self) { try await ChainBench.run([.neighbour(url), connect], clients: ["out": []]) { _ in } }
        let told =
            "\"connect\" keeps something for each connection, and there is no anchor above it in the chain \"bench\": put an element such as "
            + "\"serialize\" there"
        #expect(error?.description == "bench/connect: \(told)" && error?.element == "bench/connect")
    }

    @Test("a cancelled Request cancels its client call, whose end answers it", arguments: ElementForm.allCases)
    func cancel(form: ElementForm) async throws {
        try await run(form) { bench in
            bench.nextHop.script(.request, .hold)
            let call = request(bench)
            bench.leave(call)
            #expect(call.code == .cancelled)
            bench.advance(by: .seconds(20))
            bench.nextHop.reply(.accept)
            bench.advance(by: .seconds(40))
            #expect(bench.connectionCount == 0 && bench.nextHop.open.isEmpty)
        }
    }
}
