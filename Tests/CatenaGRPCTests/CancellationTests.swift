// SPDX-License-Identifier: Apache-2.0
// The ways a call ends before its answer: the caller's will, a deadline on either side, a connection that goes. Both sides learn of
// each, once, and know why.
import CatenaGRPC
import NIOCore
import Testing

@Suite("Cancellation and deadlines", .timeLimit(.minutes(3)))
struct CancellationTests {
    @Test("a cancelled call ends at once with CANCELLED, and the server sees it")
    func cancel() async throws {
        let hangs = Hangs()
        try await withServer(.standard(hangs: hangs)) { _, client in
            let (ended, end) = AsyncStream<GRPCCallError?>.makeStream()
            let call = client.call("/t/Hang", payload: ByteBuffer()) { end.yield($0.error) }
            let served = try #require(await hangs.nextCall())
            call.cancel()
            call.cancel()
            let error = try #require(await ended.first { _ in true } ?? nil)
            #expect(error.status.code == .cancelled)
            #expect(error.mayHaveBeenProcessed && !error.answeredByServer)
            #expect(await hangs.nextCancellation() == .reset(.cancel))
            let late = try await served.eventLoop.submit { served.respond(ByteBuffer()) }.get()
            #expect(!late)
        }
    }

    @Test("a call cancelled before it could be sent was surely not processed")
    func cancelEarly() async throws {
        let server = try await RawServer.start()
        let client = GRPCClient(target: server.address, on: group.next())
        let (ended, end) = AsyncStream<GRPCCallError?>.makeStream()
        let call = client.call("/t/Hang", payload: ByteBuffer()) { end.yield($0.error) }
        #expect(await server.accept() != nil)
        call.cancel()
        let error = try #require(await ended.first { _ in true } ?? nil)
        #expect(error.status.code == .cancelled)
        #expect(!error.mayHaveBeenProcessed)
        try await client.shutdown().get()
        try await server.stop()
    }

    @Test("a client's deadline ends the call on both sides")
    func clientDeadline() async throws {
        let hangs = Hangs()
        try await withServer(.standard(hangs: hangs)) { _, client in
            try await client.connect().get()
            async let reply = client.reply("/t/Hang", deadline: .now() + .seconds(1))
            #expect(await hangs.nextCall() != nil)
            #expect(await reply.code == .deadlineExceeded)
            let reason = await hangs.nextCancellation()
            #expect(reason == .reset(.cancel) || reason == .deadlineExceeded)
        }
    }

    @Test("a deadline that has passed fails the call without sending it")
    func pastDeadline() async throws {
        try await withServer(.standard()) { _, client in
            let error = try #require(await client.reply("/t/Hang", deadline: .now() - .seconds(1)).error)
            #expect(error.status.code == .deadlineExceeded)
            #expect(!error.mayHaveBeenProcessed)
            #expect(client.state == .idle)
        }
    }

    @Test("the server ends a call at its deadline when the client does not")
    func serverDeadline() async throws {
        let hangs = Hangs()
        try await withServer(.standard(hangs: hangs)) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            let fields = RawConnection.request("/t/Hang", with: [("grpc-timeout", "5S")])
            #expect(try await raw.exchange(fields, body: [0, 0, 0, 0, 0])["grpc-status"] == "4")
            #expect(await hangs.nextCall()?.deadline != nil)
            #expect(await hangs.nextCancellation() == .deadlineExceeded)
            try await raw.close()
        }
    }

    @Test("the deadline also ends a call that waits for a stream")
    func queuedDeadline() async throws {
        var configuration = GRPCServerConfiguration()
        configuration.maxConcurrentStreams = 1
        let hangs = Hangs()
        try await withServer(.standard(hangs: hangs), configuration: configuration) { _, client in
            async let first = client.reply("/t/Hang")
            let served = try #require(await hangs.nextCall())
            let error = try #require(await client.reply("/t/Echo", deadline: .now() + .milliseconds(50)).error)
            #expect(error.status.code == .deadlineExceeded)
            #expect(!error.mayHaveBeenProcessed)
            served.eventLoop.execute { served.respond(ByteBuffer()) }
            #expect(await first.code == .ok)
        }
    }

    @Test("a lost connection cancels its calls on the server")
    func lostClient() async throws {
        let hangs = Hangs()
        try await withServer(.standard(hangs: hangs)) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            try await raw.send(.headers(RawConnection.request("/t/Hang"), stream: 1), RawFrame(.data, flags: RawFrame.endStream, stream: 1, [0, 0, 0, 0, 0]))
            #expect(await hangs.nextCall() != nil)
            try await raw.close()
            #expect(await hangs.nextCancellation() == .connectionLost)
        }
    }

    @Test("a killed server fails the calls in flight with UNAVAILABLE at once")
    func killedServer() async throws {
        let hangs = Hangs()
        let server = try await GRPCServer.bind(
            .address(.tcp(host: "127.0.0.1", port: 0)), methods: .standard(hangs: hangs), group: group).get()
        let client = GRPCClient(target: server.address, on: group.next())
        async let reply = client.reply("/t/Hang")
        #expect(await hangs.nextCall() != nil)
        try await server.close().get()
        let error = try #require(await reply.error)
        #expect(error.status.code == .unavailable)
        #expect(error.status.message.hasPrefix("\(server.address): "))
        #expect(error.mayHaveBeenProcessed && !error.answeredByServer)
        try await client.shutdown().get()
    }
}
