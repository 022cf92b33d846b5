// SPDX-License-Identifier: Apache-2.0
// Our client and our server with a socket between them: what a call carries, how it ends, and that many of them share one connection.
import CatenaGRPC
import NIOCore
import Synchronization
import Testing

@Suite("Unary calls", .timeLimit(.minutes(3)))
struct UnaryCallTests {
    @Test("a call carries payload, metadata and trailers both ways")
    func echo() async throws {
        try await withServer(.standard()) { _, client in
            var metadata = GRPCMetadata()
            try metadata.add("key", "some value")
            try metadata.add("key-bin", binary: [0, 1, 255])
            let reply = try await client.reply("/t/Echo", ByteBuffer(string: "hello"), metadata: metadata).get()
            #expect(reply.payload == ByteBuffer(string: "hello"))
            #expect(reply.trailers == metadata)
            #expect(reply.metadata.isEmpty)
        }
    }

    @Test("the handler sees method, peer, deadline and loop")
    func serverCall() async throws {
        let hangs = Hangs()
        try await withServer(.standard(hangs: hangs)) { _, client in
            async let reply = client.reply("/t/Hang", deadline: .now() + .seconds(30))
            let call = try #require(await hangs.nextCall())
            #expect(call.method == "/t/Hang")
            #expect(call.peer.hasPrefix("tcp://127.0.0.1:"))
            let left = try #require(call.deadline) - .now()
            #expect(left > .seconds(20) && left <= .seconds(31))
            call.eventLoop.execute { call.respond(ByteBuffer()) }
            #expect(await reply.payload == ByteBuffer())
        }
    }

    @Test("every status code arrives with its message", arguments: GRPCStatus.Code.allCases.filter { $0 != .ok })
    func status(code: GRPCStatus.Code) async throws {
        try await withServer(.standard()) { _, client in
            let error = try #require(await client.reply("/t/Fail", ByteBuffer(integer: UInt8(code.rawValue))).error)
            #expect(error.status == GRPCStatus(code, "größer als 100 %\n"))
            #expect(error.answeredByServer && error.mayHaveBeenProcessed)
        }
    }

    @Test("a handler that fails a call with OK sends INTERNAL")
    func failWithOK() async throws {
        try await withServer(.standard()) { _, client in
            #expect(await client.reply("/t/Fail", ByteBuffer(integer: UInt8(0))).code == .internal)
        }
    }

    @Test("a second answer does nothing and says so")
    func twice() async throws {
        let answers = Mutex<[Bool]>([])
        var methods = GRPCMethods()
        methods.handleUnary("/t/Twice") { call, payload in
            let result = [call.respond(payload), call.respond(payload), call.fail(GRPCStatus(.aborted))]
            answers.withLock { $0 = result }
        }
        try await withServer(methods) { _, client in
            #expect(await client.reply("/t/Twice").code == .ok)
            #expect(answers.withLock { $0 } == [true, false, false])
        }
    }

    @Test("an unknown method is UNIMPLEMENTED and named")
    func unknownMethod() async throws {
        try await withServer(.standard()) { _, client in
            let error = try #require(await client.reply("/t/None").error)
            #expect(error.status == GRPCStatus(.unimplemented, "unknown method /t/None"))
        }
    }

    @Test("messages of 3 MiB go both ways, several at a time")
    func large() async throws {
        try await withServer(.standard()) { _, client in
            let payload = ByteBuffer(repeating: 7, count: 3 << 20)
            async let first = client.reply("/t/Echo", payload)
            async let second = client.reply("/t/Echo", payload)
            async let small = client.reply("/t/Echo", ByteBuffer(string: "x"))
            #expect(await first.payload == payload)
            #expect(await second.payload == payload)
            #expect(await small.payload == ByteBuffer(string: "x"))
        }
    }

    @Test("a message above the server's limit is RESOURCE_EXHAUSTED, and the connection goes on")
    func tooLargeForServer() async throws {
        try await withServer(.standard()) { _, client in
            #expect(await client.reply("/t/Echo", ByteBuffer(repeating: 0, count: 4 << 20)).code == .ok)
            #expect(await client.reply("/t/Echo", ByteBuffer(repeating: 0, count: 4 << 20 + 1)).code == .resourceExhausted)
            #expect(await client.reply("/t/Echo").code == .ok)
        }
    }

    @Test("a reply above the client's limit is RESOURCE_EXHAUSTED")
    func tooLargeForClient() async throws {
        try await withServer(.standard()) { server, _ in
            var configuration = GRPCClientConfiguration()
            configuration.maxMessageSize = 10
            let client = GRPCClient(target: server.address, on: group.next(), configuration: configuration)
            #expect(await client.reply("/t/Echo", ByteBuffer(string: "0123456789")).code == .ok)
            #expect(await client.reply("/t/Echo", ByteBuffer(string: "0123456789a")).code == .resourceExhausted)
            try await client.shutdown().get()
        }
    }

    @Test("10,000 calls one after the other share one connection")
    func sequential() async throws {
        let peers = Mutex<Set<String>>([])
        var methods = GRPCMethods()
        methods.handleUnary("/t/Peer") { call, payload in
            _ = peers.withLock { $0.insert(call.peer) }
            call.respond(payload)
        }
        try await withServer(methods) { _, client in
            for number in 0..<10_000 {
                let payload = ByteBuffer(integer: number)
                guard await client.reply("/t/Peer", payload).payload == payload else {
                    Issue.record("call \(number) failed")
                    break
                }
            }
            #expect(peers.withLock { $0.count } == 1)
        }
    }

    @Test("1,000 calls at once share one connection, also above the peer's stream limit", arguments: [1000, 7] as [UInt32])
    func concurrent(limit: UInt32) async throws {
        var configuration = GRPCServerConfiguration()
        configuration.maxConcurrentStreams = limit
        try await withServer(.standard(), configuration: configuration) { _, client in
            let good = await withTaskGroup(of: Bool.self) { tasks in
                for number in 0..<1000 {
                    tasks.addTask { await client.reply("/t/Echo", ByteBuffer(integer: number)).payload == ByteBuffer(integer: number) }
                }
                return await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(good == 1000)
        }
    }

    @Test("health answers for the services it knows, and NOT_FOUND for others")
    func health() async throws {
        let health = GRPCHealth()
        health.set(.notServing, for: "some.Service")
        var methods = GRPCMethods()
        health.register(in: &methods)
        try await withServer(methods) { _, client in
            let check = "/grpc.health.v1.Health/Check"
            #expect(await client.reply(check).payload == ByteBuffer(bytes: [0x08, 1]))
            #expect(await client.reply(check, ByteBuffer(bytes: [0x0a, 12] + "some.Service".utf8)).payload == ByteBuffer(bytes: [0x08, 2]))
            #expect(await client.reply(check, ByteBuffer(bytes: [0x0a, 1, 0x78])).code == .notFound)
            #expect(await client.reply(check, ByteBuffer(bytes: [0x0a, 9, 0x78])).code == .internal)
        }
    }
}
