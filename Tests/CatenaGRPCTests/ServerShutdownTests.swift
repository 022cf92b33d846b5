// SPDX-License-Identifier: Apache-2.0
// A server that ends must neither lose a call nor wait for ever. These are the two halves of that promise.
import CatenaGRPC
import NIOCore
import Testing

@Suite("Graceful shutdown", .timeLimit(.minutes(3)))
struct ServerShutdownTests {
    @Test("finishes calls in flight, refuses new connections, and tells the client")
    func graceful() async throws {
        let hangs = Hangs()
        let server = try await bind(hangs)
        let client = GRPCClient(target: server.address, on: group.next())
        let (states, state) = AsyncStream<GRPCClientState>.makeStream()
        let observation = client.observeState { state.yield($0) }
        async let reply = client.reply("/t/Hang")
        let call = try #require(await hangs.nextCall())
        let ended = server.shutdown(deadline: .distantFuture)
        // GOAWAY has arrived when the client has no connection for new calls.
        var seen: [GRPCClientState] = []
        for await state in states {
            seen.append(state)
            if seen.count > 1, state == .idle { break }
        }
        #expect(seen == [.idle, .connecting, .ready, .idle])
        let refused = try #require(await client.reply("/t/Echo").error)
        #expect(refused.status == GRPCStatus(.unavailable, "\(server.address): connection refused"))
        #expect(!refused.mayHaveBeenProcessed)
        call.eventLoop.execute { call.respond(ByteBuffer(string: "done")) }
        #expect(await reply.payload == ByteBuffer(string: "done"))
        try await ended.get()
        observation.cancel()
        try await client.shutdown().get()
    }

    @Test("an idle connection is closed at once")
    func idle() async throws {
        let server = try await bind(Hangs())
        let client = GRPCClient(target: server.address, on: group.next())
        try await client.connect().get()
        try await server.shutdown(deadline: .distantFuture).get()
        try await client.shutdown().get()
    }

    @Test("says GOAWAY 2^31-1 with a PING first, then the last stream it has seen")
    func twoSteps() async throws {
        let server = try await bind(Hangs(), noticeTimeout: .minutes(1))
        let raw = try await RawConnection.connect(to: server.address)
        _ = try await raw.exchange(RawConnection.request(), body: [0, 0, 0, 0, 0])
        let ended = server.shutdown(deadline: .distantFuture)
        let notice = try #require(await raw.next(.goAway))
        #expect(Array(notice.payload.prefix(4)) == RawFrame.bigEndian(0x7fff_ffff))
        let ping = try #require(await raw.next(.ping))
        // A call begun before the notice was read is still served.
        #expect(try await raw.exchange(RawConnection.request(), body: [0, 0, 0, 0, 0], stream: 3)["grpc-status"] != nil)
        try await raw.send(RawFrame(.ping, flags: RawFrame.ack, ping.payload))
        let last = try #require(await raw.next(.goAway))
        #expect(Array(last.payload.prefix(4)) == RawFrame.bigEndian(3))
        #expect(await raw.next(.headers, .goAway) == nil)
        try await ended.get()
    }

    @Test("calls that are left at the deadline are cut and cancelled")
    func deadline() async throws {
        let hangs = Hangs()
        let server = try await bind(hangs)
        let client = GRPCClient(target: server.address, on: group.next())
        async let reply = client.reply("/t/Hang")
        #expect(await hangs.nextCall() != nil)
        try await server.shutdown(deadline: .now() + .milliseconds(50)).get()
        #expect(await reply.code == .unavailable)
        #expect(await hangs.nextCancellation() == .connectionLost)
        try await client.shutdown().get()
    }

    @Test("a second shutdown is the first, and close cuts it short")
    func repeated() async throws {
        let hangs = Hangs()
        let server = try await bind(hangs)
        let client = GRPCClient(target: server.address, on: group.next())
        async let reply = client.reply("/t/Hang")
        #expect(await hangs.nextCall() != nil)
        let first = server.shutdown(deadline: .distantFuture)
        let second = server.shutdown(deadline: .distantFuture)
        try await server.close().get()
        try await first.get()
        try await second.get()
        #expect(await reply.code == .unavailable)
        try await client.shutdown().get()
    }

    private func bind(_ hangs: Hangs, noticeTimeout: TimeAmount = .seconds(1)) async throws -> GRPCServer {
        var configuration = GRPCServerConfiguration()
        configuration.noticeTimeout = noticeTimeout
        return try await GRPCServer.bind(
            .address(.tcp(host: "127.0.0.1", port: 0)), methods: .standard(hangs: hangs), configuration: configuration, group: group).get()
    }
}
