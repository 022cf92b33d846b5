// SPDX-License-Identifier: Apache-2.0
// The tests of connect, the Go element: T4.1, T4.3 to T4.6, T4.8 and T4.9, with real sockets where they have them. Those of many
// connections at once are in ConnectCrowdTests, those of the map of counted values in CatenaChainTests.
internal import CatenaElement
internal import CatenaElementTesting
internal import CatenaGRPC
internal import ConnectElement
internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import Testing

@Suite("connect: originals", .timeLimit(.minutes(2)))
struct ConnectOriginalsTests {
    private let request = TestMessage(id: "id", service: "icmp")

    @Test(
        "T4.1: each end sees what the one before it made of the Request; at another URL the first server gets a Close",
        arguments: ElementForm.allCases)
    func request(form: ElementForm) async throws {
        try await Forwarder.run(form) { forwarder in
            let a = try await Remote(forwarder.name("a"), edit: ["key": "a", "value": "A", "mechanism": "KERNEL"])
            let b = try await Remote(forwarder.name("b"), edit: ["key": "b", "value": "B", "mechanism": "MEMIF"])
            var sent = request
            sent.setContext(ip: "", extra: ["not": "empty"])
            try forwarder.go(to: a.url)
            let first = try #require(await forwarder.call(.request, sent).1)
            #expect(forwarder.client["id"] == sent && a.captured["id"] == sent)
            #expect(forwarder.next["id"] == first && first.mechanism == "KERNEL")
            #expect(try first.extraContext() == ["not": "empty", "a": "A"])

            try forwarder.go(to: b.url)
            let second = try #require(await forwarder.call(.request, first).1)
            await forwarder.idle()
            #expect(a.captured.now.open.isEmpty && b.captured["id"] == first)
            #expect(forwarder.next["id"] == second && second.mechanism == "MEMIF")
            #expect(try second.extraContext() == ["not": "empty", "a": "A", "b": "B"])

            #expect(await forwarder.call(.close, second).0 == nil)
            for captured in [forwarder.client, b.captured, forwarder.next] { #expect(captured.now.open.isEmpty) }
            #expect(a.captured.counts == [1, 1] && b.captured.counts == [1, 1])
            try await a.end()
            try await b.end()
        }
    }

    @Test("T4.3: a client chain that fails the first Request fails it, and nothing leaks", arguments: ElementForm.allCases)
    func clientFails(form: ElementForm) async throws {
        try await Forwarder.run(form) { forwarder in
            let a = try await Remote(forwarder.name("a"))
            try forwarder.go(to: a.url)
            forwarder.client.fail(ElementError(.permissionDenied, "not today"))
            #expect(await forwarder.call(.request, request).0?.code == .permissionDenied)
            #expect(a.captured.counts == [0, 0] && forwarder.next.counts == [0, 0])
            #expect(forwarder.legs == 0 && forwarder.transports == 0)
            try await a.end()
        }
    }

    @Test("T4.4: when the next server element fails, what was opened is closed, and nothing leaks", arguments: ElementForm.allCases)
    func nextFails(form: ElementForm) async throws {
        try await Forwarder.run(form) { forwarder in
            let a = try await Remote(forwarder.name("a"))
            try forwarder.go(to: a.url)
            forwarder.next.fail(ElementError(.permissionDenied, "not today"))
            #expect(await forwarder.call(.request, request).0?.code == .permissionDenied)
            await forwarder.idle()
            #expect(a.captured.now.open.isEmpty && a.captured.counts == [1, 1] && forwarder.client.now.open.isEmpty)
            #expect(forwarder.legs == 0 && forwarder.transports == 0)
            try await a.end()
        }
    }

    @Test("T4.5: a server that has gone fails the Request, and the next one finds it back at the same address", arguments: ElementForm.allCases)
    func restarted(form: ElementForm) async throws {
        // The path stays the test's own while nobody listens there, which a port would not.
        let address = GRPCAddress.unix(path: "/tmp/catena-\(getpid())-\(form).sock")
        try await Forwarder.run(form, ["client": "out", "backoff": "1ms"]) { forwarder in
            let before = try await Remote(forwarder.name("before"), at: address)
            try forwarder.go(to: before.url)
            let open = try #require(await forwarder.call(.request, request).1)
            try await before.end()
            #expect(await forwarder.call(.request, open).0?.code == .unavailable)

            let after = try await Remote(forwarder.name("after"), at: address)
            var answer = await forwarder.call(.request, open)
            // The pause after an attempt that failed is short, and is not waited for by a call.
            while answer.0?.code == .unavailable { answer = await forwarder.call(.request, open) }
            let again = try #require(answer.1)
            #expect(after.captured.now.open.count == 1 && forwarder.legs == 1 && forwarder.made == 1)
            #expect(await forwarder.call(.close, again).0 == nil && after.captured.now.open.isEmpty)
            try await after.end()
        }
    }

    @Test("T4.6: a server that accepts and never speaks fails the Request at the dial timeout, not at its deadline", arguments: ElementForm.allCases)
    func dialTimeout(form: ElementForm) async throws {
        let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0).get()
        try await Forwarder.run(form, ["client": "out", "dialTimeout": "100ms"]) { forwarder in
            let url = "tcp://127.0.0.1:\(silent.localAddress?.port ?? 0)"
            try forwarder.go(to: url)
            let error = await forwarder.begin(.request, request, deadline: .seconds(60)).answer().0
            #expect(error?.code == .unavailable && error?.text == "\(url): no answer within 100 ms", "\(String(describing: error))")
            #expect(forwarder.legs == 0 && forwarder.transports == 0)
        }
        try await silent.close().get()
    }

    @Test("T4.8: a caller who leaves in the middle harms nobody who shares the transport", arguments: ElementForm.allCases)
    func cancelled(form: ElementForm) async throws {
        try await Forwarder.run(form) { forwarder in
            let a = try await Remote(forwarder.name("a"))
            try forwarder.go(to: a.url)
            let open = try #require(await forwarder.call(.request, request).1)
            #expect(forwarder.made == 1)

            a.captured.hold("other")
            let other = forwarder.begin(.request, TestMessage(id: "other", service: "icmp"))
            await a.captured.wait { !$0.held.isEmpty }
            let peers = a.captured.now.peers
            other.leave()
            #expect(await other.answer().0?.code == .cancelled)
            #expect(forwarder.made == 1 && forwarder.transports == 1)

            #expect(await forwarder.call(.request, open).0 == nil)
            #expect(forwarder.made == 1 && forwarder.transports == 1 && a.captured.now.peers == peers)
            a.captured.resume()
            #expect(await forwarder.call(.close, open).0 == nil)
            #expect(await forwarder.call(.close, TestMessage(id: "other")).0 == nil)
            await forwarder.idle()
            #expect(a.captured.now.open.isEmpty)
            try await a.end()
        }
    }

    @Test(
        "T4.9: a Close needs no URL; a Request does, of a connection that is open as well, which stays what it was",
        arguments: ElementForm.allCases)
    func withoutURL(form: ElementForm) async throws {
        try await Forwarder.run(form) { forwarder in
            let a = try await Remote(forwarder.name("a"))
            let missing = "clientURL not found for incoming connection: id"
            #expect(await forwarder.call(.request, request).0?.text == missing)

            try forwarder.go(to: a.url)
            #expect(await forwarder.call(.request, request).0 == nil)
            try forwarder.go(to: nil)
            #expect(await forwarder.call(.request, request).0?.text == missing)
            #expect(a.captured.counts == [1, 0] && forwarder.legs == 1)

            #expect(await forwarder.call(.close, TestMessage(id: "id")).0 == nil)
            #expect(a.captured.counts == [1, 1] && a.captured.now.open.isEmpty && forwarder.transports == 0)
            try await a.end()
        }
    }
}
