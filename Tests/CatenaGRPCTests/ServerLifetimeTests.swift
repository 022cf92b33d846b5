// SPDX-License-Identifier: Apache-2.0
// How long things live: a connection to its age, a silent peer to its keepalive, a call in its handler's hands beyond its end, and
// nothing at all beyond its server.
import CatenaGRPC
import NIOCore
import Synchronization
import Testing

@Suite("Lifetime on a server", .timeLimit(.minutes(3)))
struct ServerLifetimeTests {
    private static let notice = RawFrame.bigEndian(0x7fff_ffff)

    private func withConnection(
        _ probe: StreamProbe = StreamProbe(), _ change: (inout GRPCServerConfiguration) -> Void,
        _ body: (RawConnection, StreamProbe, GRPCClient) async throws -> Void
    ) async throws {
        var configuration = GRPCServerConfiguration()
        change(&configuration)
        try await withServer(probe.methods, configuration: configuration) { server, client in
            try await body(try await RawConnection.connect(to: server.address), probe, client)
        }
    }

    @Test("keepalive asks a silent peer, and gives up on one that does not answer; its calls are cancelled")
    func keepalive() async throws {
        try await withConnection { $0.keepalive = GRPCKeepalive(time: .milliseconds(200), timeout: .seconds(10)) } _: { raw, probe, _ in
            try await raw.send(.headers(RawConnection.request("/t/Stream"), stream: 1))
            #expect(await probe.nextCall() != nil)
            for _ in 0..<3 {
                let ping = try #require(await raw.next(.ping))
                #expect(ping.flags == 0)
                try await raw.send(RawFrame(.ping, flags: RawFrame.ack, ping.payload))
            }
            #expect(await raw.next(.ping) != nil)
            #expect(await raw.next(.ping) == nil)
            #expect(await probe.nextEvent() == "cancelled: connectionLost")
        }
    }

    @Test("without calls keepalive asks only if it is told to", arguments: [true, false])
    func keepaliveIdle(withoutCalls: Bool) async throws {
        try await withConnection {
            $0.keepalive = GRPCKeepalive(time: .seconds(2), timeout: .seconds(2), withoutCalls: withoutCalls)
        } _: { raw, _, _ in
            if withoutCalls {
                try await raw.channel.closeFuture.get()
            } else {
                try await raw.channel.eventLoop.scheduleTask(in: .seconds(5)) {}.futureResult.get()
                #expect(try await raw.framesUntilPing().allSatisfy { !$0.isA(.ping) })
                try await raw.close()
            }
        }
    }

    @Test("an old connection is told in two steps, its call finishes, and then it is closed")
    func age() async throws {
        try await withConnection {
            $0.maxConnectionAge = .seconds(5)
            $0.noticeTimeout = .minutes(1)
        } _: { raw, probe, _ in
            try await raw.send(.headers(RawConnection.request("/t/Stream"), stream: 1))
            let call = try #require(await probe.nextCall())
            #expect(await raw.next(.goAway).map { Array($0.payload.prefix(4)) } == Self.notice)
            let ping = try #require(await raw.next(.ping))
            // Begun before the notice was read.
            try await raw.send(.headers(RawConnection.request("/t/Stream"), stream: 3))
            let second = try #require(await probe.nextCall())
            try await raw.send(RawFrame(.ping, flags: RawFrame.ack, ping.payload))
            #expect(await raw.next(.goAway).map { Array($0.payload.prefix(4)) } == RawFrame.bigEndian(3))
            // Above the true last stream: never begun, never answered.
            try await raw.send(.headers(RawConnection.request(), stream: 5), .message([], stream: 5, end: true))
            #expect(try await call.act { $0.respond(ByteBuffer(string: "a")) })
            #expect(try await raw.response(stream: 1).status == "0")
            #expect(try await raw.framesUntilPing().allSatisfy { $0.stream != 5 || $0.isA(.reset) })
            #expect(try await second.act { $0.respond(ByteBuffer(string: "b")) })
            #expect(try await raw.response(stream: 3).status == "0")
            #expect(await raw.next(.headers, .goAway) == nil)
        }
    }

    @Test("the grace of the age cuts the calls that are left")
    func grace() async throws {
        try await withConnection {
            $0.maxConnectionAge = .seconds(10)
            $0.maxConnectionAgeGrace = .seconds(1)
        } _: { raw, probe, _ in
            try await raw.send(.headers(RawConnection.request("/t/Stream"), stream: 1))
            let call = try #require(await probe.nextCall())
            try await raw.channel.closeFuture.get()
            #expect(await probe.nextEvent() == "cancelled: connectionLost")
            #expect(try await !call.act { $0.respond(ByteBuffer()) })
        }
    }

    @Test("a peer that does not answer the PING gets the second GOAWAY all the same, after a second")
    func unanswered() async throws {
        let probe = StreamProbe()
        let server = try await GRPCServer.bind(.address(.tcp(host: "127.0.0.1", port: 0)), methods: probe.methods, group: group).get()
        let raw = try await RawConnection.connect(to: server.address)
        try await raw.send(.headers(RawConnection.request("/t/Stream"), stream: 1))
        let call = try #require(await probe.nextCall())
        let begin = NIODeadline.now()
        let ended = server.shutdown(deadline: .distantFuture)
        #expect(await raw.next(.goAway).map { Array($0.payload.prefix(4)) } == Self.notice)
        #expect(await raw.next(.goAway).map { Array($0.payload.prefix(4)) } == RawFrame.bigEndian(1))
        #expect(NIODeadline.now() - begin > .milliseconds(800))
        #expect(try await call.act { $0.finish() })
        #expect(try await raw.response(stream: 1).status == "0")
        try await ended.get()
    }

    @Test("a large answer that is still on its way when the server ends arrives whole, with the reader's frames crossing it")
    func lastAnswer() async throws {
        let probe = StreamProbe()
        let server = try await GRPCServer.bind(.address(.tcp(host: "127.0.0.1", port: 0)), methods: probe.methods, group: group).get()
        let raw = try await RawConnection.connect(to: server.address)
        try await raw.openWindows()
        try await raw.send(.headers(RawConnection.request("/t/Stream"), stream: 1))
        let call = try #require(await probe.nextCall())
        let ended = server.shutdown(deadline: .distantFuture)
        let ping = try #require(await raw.next(.ping))
        try await raw.send(RawFrame(.ping, flags: RawFrame.ack, ping.payload))
        #expect(await raw.next(.goAway) != nil)
        try await raw.channel.setOption(.autoRead, value: false).get()
        let payload = Array(repeating: UInt8(7), count: 2 << 20)
        // The peer reads late, and says a word meanwhile.
        #expect(try await call.act { call in
            for number in 0..<20 as Range<Int64> {
                raw.channel.eventLoop.scheduleTask(in: .milliseconds(20 * number)) { raw.push(RawFrame.windowUpdate(0, 1).bytes) }
            }
            raw.channel.eventLoop.scheduleTask(in: .milliseconds(400)) { raw.channel.setOption(.autoRead, value: true) }
            return call.respond(ByteBuffer(bytes: payload))
        })
        let response = try await raw.response(stream: 1)
        #expect(response.payloads == [payload] && response.status == "0")
        try await ended.get()
    }

    @Test("streams are used again, but a call that is held beyond its end keeps its own data, and says that it is over")
    func pooled() async throws {
        let held = Mutex<[ServerCall]>([])
        var methods = GRPCMethods()
        methods.handleUnary("/t/Some") { call, payload in
            let isHeld = payload.getInteger(at: 0, as: UInt8.self) == 1
            if isHeld { held.withLock { $0.append(call) } }
            call.respond(payload)
        }
        try await withServer(methods) { _, client in
            for number in 0..<300 {
                var metadata = GRPCMetadata()
                try metadata.add("number", "\(number)")
                let isHeld = UInt8(number % 3 == 0 ? 1 : 0)
                #expect(await client.reply("/t/Some", ByteBuffer(integer: isHeld), metadata: metadata).code == .ok)
            }
            let calls = held.withLock { $0 }
            #expect(calls.map { $0.metadata.entries.first?.value } == stride(from: 0, to: 300, by: 3).map { .text("\($0)") })
            #expect(calls.allSatisfy { $0.method == "/t/Some" })
            for call in calls { #expect(try await !call.act { $0.fail(GRPCStatus(.aborted)) }) }
        }
    }

    private final class Token: Sendable {}

    @Test("a server that has ended frees its connections and calls, and what their handlers hold", arguments: [true, false])
    func freed(gracefully: Bool) async throws {
        weak var weakToken: Token?
        weak var weakAction: Token?
        do {
            let probe = StreamProbe()
            let (token, action) = (Token(), Token())
            (weakToken, weakAction) = (token, action)
            var methods = probe.methods
            methods.handleStreaming("/t/Token") { call in
                withExtendedLifetime(token) {}
                call.onMessage({ _ in withExtendedLifetime(action) {} }, end: { withExtendedLifetime(action) {} })
                call.onReady { withExtendedLifetime(action) {} }
                call.onCancel { _ in withExtendedLifetime(action) {} }
            }
            let server = try await GRPCServer.bind(.address(.tcp(host: "127.0.0.1", port: 0)), methods: methods, group: group).get()
            let raw = try await RawConnection.connect(to: server.address)
            try await raw.send(.headers(RawConnection.request("/t/Token", with: [("grpc-timeout", "1H")]), stream: 1), .message([1], stream: 1))
            _ = try await raw.framesUntilPing()
            #expect(weakAction != nil)
            if gracefully { try await raw.send(.reset(1, .cancel)) }
            try await (gracefully ? server.shutdown(deadline: .distantFuture) : server.close()).get()
        }
        // Channels let go of their handlers in a later turn of their loop.
        for _ in 0..<100 where weakToken != nil || weakAction != nil {
            for eventLoop in group.makeIterator() { try await eventLoop.submit {}.get() }
        }
        #expect(weakAction == nil)
        #expect(weakToken == nil)
    }
}
