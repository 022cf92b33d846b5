// SPDX-License-Identifier: Apache-2.0
// MonitorConnections on real sockets: who hears what, and that who does not read harms nobody. T6.1 names a case of the reference
// (Tests/CatenaNSMTests/README.md).

import CatenaABI
import CatenaChain
import CatenaGRPC
import CatenaNSM
import NIOCore
import NIOPosix
import SwiftProtobuf
import Synchronization
import Testing

@Suite("MonitorConnections", .timeLimit(.minutes(2)))
struct MonitorConnectionServerTests {
    private func connection(_ id: String, name: String = "client", size: Int = 0) -> Connection_Connection {
        var connection = Connection_Connection()
        connection.id = id
        connection.payload = String(repeating: "x", count: size)
        var segment = Connection_PathSegment()
        segment.name = name
        segment.id = id
        connection.path.pathSegments = [segment]
        return connection
    }

    private func request(_ connection: Connection_Connection, _ served: ServedChain) async throws {
        var request = Networkservice_NetworkServiceRequest()
        request.connection = connection
        _ = try await served.call(MethodPath.request, request.serializedBytes()).get()
    }

    private func close(_ connection: Connection_Connection, _ served: ServedChain) async throws {
        _ = try await served.call(MethodPath.close, connection.serializedBytes()).get()
    }

    private func selector(_ name: String) throws -> [UInt8] {
        var selector = Connection_MonitorScopeSelector()
        var segment = Connection_PathSegment()
        segment.name = name
        selector.pathSegments = [segment]
        return try selector.serializedBytes()
    }

    private func with(_ elements: [catena_type] = [.anchor, .publisher], _ body: (ServedChain) async throws -> Void) async throws {
        let served = try await ServedChain(elements)
        try await body(served)
        try await served.stop()
    }

    private func subscribers(_ served: ServedChain) -> Int { served.engine.status().holdings.subscribers }

    /// Waits for what the server does after it was told: the reset of a stream takes a moment to arrive.
    private func awaitSubscribers(_ count: Int, _ served: ServedChain) async throws {
        while subscribers(served) != count { try await Task.sleep(for: .milliseconds(2)) }
    }

    @Test("T6.1: two subscribers hear exactly of their own, and one that never reads holds up neither")
    func selectors() async throws {
        try await with { served in
            let idle = served.subscribe(reads: false)
            let one = served.subscribe(try selector("one")), two = served.subscribe(try selector("two"))
            #expect(await [one.line(), two.line()] == ["initialStateTransfer ", "initialStateTransfer "])
            let (first, second) = (connection("id-1", name: "one"), connection("id-2", name: "two"))
            for connection in [first, second] { try await request(connection, served) }
            #expect(await [one.line(), two.line()] == ["update id-1", "update id-2"])
            for connection in [first, second] { try await close(connection, served) }
            #expect(await [one.line(), two.line()] == ["delete id-1", "delete id-2"])
            // Nothing else was on the way: what comes next is about the third.
            let third = connection("id-3", name: "one")
            try await request(third, served)
            #expect(await one.line() == "update id-3")
            idle.resumeReading()
            var heard: [String] = []
            for _ in 0..<6 { heard.append(await idle.line()) }
            #expect(heard == ["initialStateTransfer ", "update id-1", "update id-2", "delete id-1", "delete id-2", "update id-3"])
            for subscription in [one, two, idle] { subscription.leave() }
            try await awaitSubscribers(0, served)
        }
    }

    /// Counts how often it is asked, and what it hears.
    private final class Counting: MonitorSubscriber {
        let segmentID: String?
        let asked = Mutex(0)
        let heard = Mutex<[String]>([])

        init(_ segmentID: String) { self.segmentID = segmentID }

        func wants(_ message: OpaquePointer) -> Bool {
            asked.withLock { $0 += 1 }
            return true
        }

        func hear(_ news: MonitorNews) {
            switch news {
            case .update(let one): heard.withLock { $0.append("update \(one.id)") }
            case .delete(let one): heard.withLock { $0.append("delete \(one.id)") }
            default: break
            }
        }
    }

    @Test("who names one connection is asked of no other, however many there are; of its end also when the Close has no path")
    func named() async throws {
        try await with { served in
            let feed = try #require(served.engine.chain(named: "served")?.monitor)
            let subscribers = (0..<20).map { Counting("id-\($0)") }
            for subscriber in subscribers { feed.subscribe(subscriber) }
            for number in 0..<20 { try await request(connection("id-\(number)"), served) }
            for number in 0..<20 {
                var bare = Connection_Connection()
                bare.id = "id-\(number)"
                try await close(bare, served)
            }
            #expect(subscribers.map { $0.heard.withLock { $0 } } == (0..<20).map { ["update id-\($0)", "delete id-\($0)"] })
            #expect(subscribers.allSatisfy { $0.asked.withLock { $0 } == 2 })
            for subscriber in subscribers { feed.unsubscribe(subscriber) }
            #expect(feed.subscriberCount == 0)
        }
    }

    @Test("T6.2: a connection arrives as its Request was answered, metrics and unknown fields included, at once or for who comes later")
    func bytes() async throws {
        try await with { served in
            let subscription = served.subscribe()
            _ = await subscription.next()
            var sent = connection("id")
            sent.unknownFields = try Connection_Connection(serializedBytes: [0x98, 0x06, 0x07] as [UInt8]).unknownFields
            sent.path.pathSegments[0].metrics = ["rx_bytes": "7"]
            try await request(sent, served)
            let fresh = served.subscribe()
            for one in [subscription, fresh] {
                let event = try await #require(one.next()).get()
                #expect(event.connections == ["id": sent])
                one.leave()
            }
        }
    }

    @Test("a subscriber that leaves news of too many connections unread ends with RESOURCE_EXHAUSTED, is forgotten at once, and slows nobody")
    func overflow() async throws {
        try await with { served in
            let idle = served.subscribe(reads: false), other = served.subscribe()
            #expect(await other.line() == "initialStateTransfer ")
            // Fills the windows, and what may wait on the server; then four connections have news, of which three may wait.
            for number in 0..<16 {
                try await request(connection("big-\(number % 2)", size: 200_000), served)
                #expect(await other.line() == "update big-\(number % 2)")
            }
            #expect(subscribers(served) == 2)
            for number in 0..<4 {
                try await request(connection("id-\(number)"), served)
                #expect(await other.line() == "update id-\(number)")
            }
            try await awaitSubscribers(1, served)
            idle.resumeReading()
            var end: GRPCStatus?
            while end == nil, case .some(let result) = await idle.next() { if case .failure(let status) = result { end = status } }
            #expect(end == GRPCStatus(.resourceExhausted, "the subscriber has left news of 3 connections unread"))
            try await request(connection("id-9"), served)
            #expect(await other.line() == "update id-9")
            other.leave()
        }
    }

    @Test("what is there may be larger than a peer takes in one message")
    func large() async throws {
        try await with { served in
            for number in 0..<60 { try await request(connection("id-\(number)", size: 100_000), served) }
            let subscription = served.subscribe()
            var ids: Set<String> = [], more = true, pieces = 0
            while more {
                let event = try await #require(subscription.next()).get()
                #expect(event.type == .initialStateTransfer)
                ids.formUnion(event.connections.keys)
                more = !event.unknownFields.data.isEmpty
                pieces += 1
            }
            #expect(ids.count == 60 && pieces > 4)
            try await request(connection("id-0"), served)
            #expect(await subscription.line() == "update id-0")
            subscription.leave()
        }
    }

    @Test("a chain whose connections nobody publishes answers UNIMPLEMENTED, a selector that cannot be read is INVALID_ARGUMENT")
    func refused() async throws {
        try await with([.anchor]) { served in #expect(await served.subscribe().line() == "UNIMPLEMENTED") }
        try await with { served in
            #expect(await served.subscribe([0x0a, 0xff]).line() == "INVALID_ARGUMENT")
            #expect(subscribers(served) == 0)
        }
    }

    @Test("a subscriber whose deadline comes is forgotten")
    func deadline() async throws {
        try await with { served in
            let client = GRPCClient(target: served.server.address, on: MultiThreadedEventLoopGroup.singleton.any())
            let subscription = Subscription()
            let call = client.stream(MethodPath.monitorConnections, deadline: .now() + .seconds(5), events: subscription.events)
            call.send(ByteBuffer())
            call.finishSending()
            #expect(await [subscription.line(), subscription.line()] == ["initialStateTransfer ", "DEADLINE_EXCEEDED"])
            try await awaitSubscribers(0, served)
            try await client.shutdown().get()
        }
    }

    @Test("a server that ends tells its subscribers UNAVAILABLE, and waits for none that does not read")
    func shutdown() async throws {
        try await with { served in
            let idle = served.subscribe(reads: false), reader = served.subscribe()
            #expect(await reader.line() == "initialStateTransfer ")
            for number in 0..<16 {
                try await request(connection("big", size: 200_000), served)
                #expect(await reader.line() == "update big", "\(number)")
            }
            served.monitor?.shutdown()
            #expect(await reader.line() == "UNAVAILABLE")
            #expect(await served.subscribe().line() == "UNAVAILABLE")
            // Far later than the time limit of this test.
            try await served.server.shutdown(deadline: .now() + .minutes(10)).get()
            #expect(subscribers(served) == 0)
            idle.leave()
        }
    }
}
