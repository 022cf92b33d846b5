// SPDX-License-Identifier: Apache-2.0
// The client against servers that refuse, go away, reset or are something else than gRPC. What matters most is what a caller may
// conclude: a call that was surely not begun is begun again, and one that perhaps was is not.
import CatenaGRPC
import NIOCore
import Testing

@Suite("A client's connection", .timeLimit(.minutes(3)))
struct ClientConnectionTests {
    static let ok = [(":status", "200"), ("content-type", "application/grpc")]
    static let empty: [UInt8] = [0, 0, 0, 0, 0]

    @Test("a failed connect names target and reason, and the next call tries again")
    func redial() async throws {
        let port = try HeldPort()
        defer { port.release() }
        let first = try await GRPCServer.bind(.address(port.address), methods: .standard(), group: group).get()
        var configuration = GRPCClientConfiguration()
        configuration.backoff.initial = .zero
        let client = GRPCClient(target: port.address, on: group.next(), configuration: configuration)
        #expect(client.state == .idle)
        #expect(await client.reply("/t/Echo").code == .ok)
        try await first.close().get()
        try await client.become(.idle)
        let error = try #require(await client.reply("/t/Echo").error)
        #expect(error.status == GRPCStatus(.unavailable, "\(port.address): connection refused"))
        #expect(!error.mayHaveBeenProcessed && !error.answeredByServer)
        #expect(client.state == .failing)
        await #expect(throws: GRPCStatus(.unavailable, "\(port.address): connection refused")) { try await client.connect().get() }
        let second = try await GRPCServer.bind(.address(port.address), methods: .standard(), group: group).get()
        #expect(await client.reply("/t/Echo").code == .ok)
        #expect(client.state == .ready)
        try await client.shutdown().get()
        #expect(client.state == .retired)
        try await second.shutdown(deadline: .distantFuture).get()
    }

    @Test("a missing Unix socket and an unknown host are UNAVAILABLE with the reason", arguments: [
        (GRPCAddress.unix(path: "/nonexistent/s"), "unix:///nonexistent/s: no such file or directory"),
        (.tcp(host: "no-such-host.invalid", port: 1), "tcp://no-such-host.invalid:1: no address found for \"no-such-host.invalid\""),
    ])
    func noSuchTarget(target: GRPCAddress, message: String) async throws {
        let client = GRPCClient(target: target, on: group.next())
        #expect(await client.reply("/t/Echo").error?.status == GRPCStatus(.unavailable, message))
        try await client.shutdown().get()
    }

    @Test("a server that accepts and says nothing fails the attempt at the connect timeout")
    func silent() async throws {
        let server = try await RawServer.start()
        var configuration = GRPCClientConfiguration()
        configuration.connectTimeout = .milliseconds(50)
        let client = GRPCClient(target: server.address, on: group.next(), configuration: configuration)
        let error = try #require(await client.reply("/t/Echo").error)
        #expect(error.status == GRPCStatus(.unavailable, "\(server.address): no answer within 50 ms"))
        #expect(!error.mayHaveBeenProcessed)
        try await client.shutdown().get()
        try await server.stop()
    }

    @Test("GOAWAY moves the calls it refuses to a new connection, and lets the others finish")
    func goAway() async throws {
        try await withHandDrivenServer { server, client in
            async let first = client.reply("/t/First")
            let old = try #require(await server.accept())
            try await old.send(RawFrame(.settings))
            let kept = try #require(await old.next(.headers)).stream
            async let second = client.reply("/t/Second")
            #expect(try #require(await old.next(.headers)).stream > kept)
            try await old.send(.goAway(last: kept))
            let new = try #require(await server.accept())
            try await new.send(RawFrame(.settings))
            try await answer(new)
            #expect(await second.code == .ok)
            try await answer(old, stream: kept)
            #expect(await first.code == .ok)
            #expect(await old.next(.headers) == nil)
        }
    }

    @Test("a connection lost in mid-call is not begun again")
    func lost() async throws {
        try await withHandDrivenServer { server, client in
            async let reply = client.reply("/t/Echo")
            let raw = try #require(await server.accept())
            try await raw.send(RawFrame(.settings))
            _ = try #require(await raw.next(.headers))
            try await raw.close()
            let error = try #require(await reply.error)
            #expect(error.status == GRPCStatus(.unavailable, "\(server.address): the server closed the connection"))
            #expect(error.mayHaveBeenProcessed)
            try await client.become(.idle)
        }
    }

    @Test("a call that was still waiting for a stream survives the loss of its connection")
    func lostWhileQueued() async throws {
        try await withHandDrivenServer { server, client in
            async let first = client.reply("/t/First")
            let old = try #require(await server.accept())
            try await old.send(RawFrame(.settings, [0, 3, 0, 0, 0, 1]))
            _ = try #require(await old.next(.headers))
            // Begun on the loop, so that it waits before the connection goes.
            let (ended, end) = AsyncStream<GRPCStatus.Code>.makeStream()
            try await client.eventLoop.submit { _ = client.call("/t/Second", payload: ByteBuffer()) { end.yield($0.code) } }.get()
            try await old.close()
            #expect(await first.code == .unavailable)
            let new = try #require(await server.accept())
            try await new.send(RawFrame(.settings))
            try await answer(new)
            #expect(await ended.first { _ in true } == .ok)
        }
    }

    @Test("a reset stream is mapped to a status", arguments: [
        (HTTP2ErrorCode.internalError, GRPCStatus.Code.internal), (.cancel, .cancelled), (.enhanceYourCalm, .resourceExhausted),
    ])
    func reset(by code: HTTP2ErrorCode, status: GRPCStatus.Code) async throws {
        try await withHandDrivenServer { server, client in
            async let reply = client.reply("/t/Echo")
            let raw = try #require(await server.accept())
            try await raw.send(RawFrame(.settings))
            try await raw.send(.reset(try #require(await raw.next(.headers)).stream, code))
            let error = try #require(await reply.error)
            #expect(error.status.code == status)
            #expect(error.mayHaveBeenProcessed && !error.answeredByServer)
        }
    }

    struct Answer: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var head = ClientConnectionTests.ok
        var body: [UInt8]? = ClientConnectionTests.empty
        var trailers: [(String, String)]? = [("grpc-status", "0")]
        var status: GRPCStatus.Code
        var message: String?
    }

    static let answers = [
        Answer(testDescription: "a good one", status: .ok),
        Answer(testDescription: "trailers-only", head: ok + [("grpc-status", "5"), ("grpc-message", "n%C3%B6")], body: nil, trailers: nil, status: .notFound, message: "nö"),
        Answer(testDescription: "HTTP 503 of a proxy", head: [(":status", "503")], body: nil, trailers: nil, status: .unavailable),
        Answer(testDescription: "HTTP 404", head: [(":status", "404")], body: nil, trailers: nil, status: .unimplemented),
        Answer(testDescription: "HTTP 500 with a grpc-status", head: [(":status", "500"), ("grpc-status", "7")], body: nil, trailers: nil, status: .permissionDenied),
        Answer(testDescription: "another content-type", head: [(":status", "200"), ("content-type", "text/html")], status: .unknown),
        Answer(testDescription: "no message", body: nil, status: .unimplemented),
        Answer(testDescription: "two messages", body: empty + empty, status: .unimplemented),
        Answer(testDescription: "truncated message", body: [0, 0, 0, 0, 9, 1], status: .internal),
        Answer(testDescription: "compressed message", body: [1, 0, 0, 0, 0], status: .internal),
        Answer(testDescription: "no trailers", trailers: nil, status: .internal),
        Answer(testDescription: "trailers without a status", trailers: [("a", "b")], status: .internal),
        Answer(testDescription: "a status beyond the 17", trailers: [("grpc-status", "42")], status: .unknown),
        Answer(testDescription: "a message, and then a failure", trailers: [("grpc-status", "10"), ("grpc-message", "no")], status: .aborted, message: "no"),
    ]

    @Test("a response is understood as the specification says", arguments: answers)
    func response(answer: Answer) async throws {
        try await withHandDrivenServer { server, client in
            async let reply = client.reply("/t/Echo")
            let raw = try #require(await server.accept())
            try await raw.send(RawFrame(.settings))
            let stream = try #require(await raw.next(.headers)).stream
            _ = await raw.next(.data)
            try await raw.send(.headers(answer.head, stream: stream, end: answer.body == nil && answer.trailers == nil))
            if let body = answer.body {
                try await raw.send(RawFrame(.data, flags: answer.trailers == nil ? RawFrame.endStream : 0, stream: stream, body))
            }
            if let trailers = answer.trailers { try await raw.send(.headers(trailers, stream: stream, end: true)) }
            let result = await reply
            #expect(result.code == answer.status)
            if let message = answer.message { #expect(result.error?.status.message == message) }
        }
    }

    @Test("shutdown fails what is left with the given status, and calls to come")
    func shutdown() async throws {
        let hangs = Hangs()
        try await withServer(.standard(hangs: hangs)) { server, _ in
            let client = GRPCClient(target: server.address, on: group.next())
            async let reply = client.reply("/t/Hang")
            #expect(await hangs.nextCall() != nil)
            try await client.shutdown(GRPCStatus(.aborted, "that is all")).get()
            #expect(await reply.error?.status == GRPCStatus(.aborted, "that is all"))
            #expect(await client.reply("/t/Echo").error?.status == GRPCStatus(.aborted, "that is all"))
            #expect(await hangs.nextCancellation() == .connectionLost)
        }
    }

    @Test("shutdown while connecting closes everything")
    func shutdownConnecting() async throws {
        try await withHandDrivenServer { server, client in
            async let reply = client.reply("/t/Echo")
            let raw = try #require(await server.accept())
            try await client.shutdown().get()
            #expect(await reply.code == .unavailable)
            try await raw.channel.closeFuture.get()
        }
    }

    private func answer(_ raw: RawConnection, stream: UInt32? = nil) async throws {
        var stream = stream
        if stream == nil { stream = await raw.next(.headers)?.stream }
        let id = try #require(stream)
        try await raw.send(
            .headers(Self.ok, stream: id), RawFrame(.data, stream: id, Self.empty), .headers([("grpc-status", "0")], stream: id, end: true))
    }
}
