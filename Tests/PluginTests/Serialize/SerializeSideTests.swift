// SPDX-License-Identifier: Apache-2.0
// What differs between the two sides of a connection: a Request for another endpoint on the server side, the merge on the client side,
// and the turn of a client chain that is held above it.
internal import CatenaElement
internal import CatenaElementTesting
internal import Foundation
internal import SerializeElement
internal import Testing

@Suite("serialize: server and client side")
struct SerializeSideTests {
    private let bench = SerializeBench()
    private var below: Neighbour { bench.below }

    @Test("a Request for another endpoint closes what was there, and then runs", arguments: ElementForm.allCases)
    func reselect(form: ElementForm) async throws {
        below.script(.request, .edit({ $0.endpoint = "e-1" }), .next)
        below.script(.close, .hold, .next)
        try await bench.run(form) { chain in
            chain.ask("1")
            let again = chain.ask("2") { $0.state = .reselectRequested }, behind = chain.ask("3")
            #expect(below.sights(.close).map(\.reason) == [.reselect] && below.sights(.close).map(\.message.endpoint) == ["e-1"])
            #expect(!again.isAnswered && !behind.isAnswered)
            chain.resume(below, .fail(.unavailable, "x"))
            #expect(again.isGood && behind.isGood && bench.order == "RCRR" && again.message?.state == .up)
            #expect(below.sights(.request)[1].message.state == .reselectRequested && chain.connectionCount == 1)
        }
    }

    @Test("a first Request for another endpoint has nothing to close", arguments: ElementForm.allCases)
    func reselectFirst(form: ElementForm) async throws {
        try await bench.run(form) { chain in
            #expect(chain.ask("1") { $0.state = .reselectRequested }.isGood && bench.order == "R")
        }
    }

    @Test("one that waited behind the first Request closes what that one got", arguments: ElementForm.allCases)
    func reselectWaiting(form: ElementForm) async throws {
        below.script(.request, .hold, .next)
        try await bench.run(form) { chain in
            chain.ask("1")
            let again = chain.ask("2") { $0.state = .reselectRequested }
            chain.resume(below, .edit({ $0.endpoint = "e-1" }))
            #expect(again.isGood && bench.order == "RCR" && below.sights(.close).map(\.message.endpoint) == ["e-1"])
        }
    }

    @Test("its caller may leave during that Close: the Request runs all the same, after the Close", arguments: ElementForm.allCases)
    func reselectLeft(form: ElementForm) async throws {
        below.script(.close, .hold, .next)
        try await bench.run(form) { chain in
            chain.ask("1")
            let again = chain.ask("2") { $0.state = .reselectRequested }, same = chain.ask("3")
            chain.leave(again)
            #expect(again.code == .cancelled && bench.order == "RC")
            chain.resume(below)
            #expect(bench.requested == ["1", "2", "3"] && same.isGood)
            #expect(chain.close().isGood && bench.closed.last == "3")
        }
    }

    // MARK: Client side

    /// The extra context as elements below see it.
    private func extra(_ message: TestMessage?) throws -> [String: String] { try message?.extraContext() ?? [:] }

    @Test("the caller's changes of context and endpoint count, all else is as the connection is now", arguments: ElementForm.allCases)
    func merge(form: ElementForm) async throws {
        below.script(.request, .edit({ message in
            message.endpoint = "e-1"
            message[label: "kept"] = "yes"
            message.setContext(ip: "10.0.0.1", extra: ["below": "1", "changed": "0"])
        }), .next)
        try await bench.run(form, side: .client) { chain in
            let first = chain.ask("service")
            var message = try #require(first.message)
            message.networkService = "other"
            message[label: "kept"] = "no"
            message.setContext(ip: "10.0.0.2", extra: ["changed": "1", "new": "2"])
            #expect(chain.request(message).isGood)
            let seen = try #require(below.sights(.request).last?.message)
            #expect(seen.networkService == "service" && seen[label: "kept"] == "yes" && seen.endpoint == "e-1")
            #expect(try extra(seen) == ["changed": "1", "new": "2"])
            message.endpoint = ""
            _ = chain.request(message)
            #expect(below.sights(.request).last?.message.endpoint == "")
        }
    }

    @Test("what an event has changed since the caller was told stays", arguments: ElementForm.allCases)
    func newer(form: ElementForm) async throws {
        below.script(.request, .edit({ $0.setContext(ip: "a", extra: ["k": "old"]) }), .edit({ $0.setContext(ip: "b", extra: ["k": "new"]) }), .next)
        try await bench.run(form, side: .client, between: [.element(ExecutorTaker.self)]) { chain in
            let name = "merge-\(form)", first = chain.ask(name)
            let taken = try #require(Taken.by(name))
            try taken.host.events.request(taken.executor.connection)
            chain.run()
            let told = try #require(first.message)
            #expect(chain.request(told).isGood)
            #expect(try extra(below.sights(.request).last?.message) == ["k": "new"])
        }
    }

    @Test("a first Request, and one after a Close, goes as its caller sent it", arguments: ElementForm.allCases)
    func fresh(form: ElementForm) async throws {
        try await bench.run(form, side: .client) { chain in
            chain.ask("1")
            chain.close()
            chain.ask("2")
            #expect(bench.requested == ["1", "2"])
        }
    }

    @Test("the server side sends what its caller asks for", arguments: ElementForm.allCases)
    func serverDoesNotMerge(form: ElementForm) async throws {
        try await bench.run(form) { chain in
            chain.ask("1")
            chain.ask("2")
            #expect(bench.requested == ["1", "2"])
        }
    }
}
