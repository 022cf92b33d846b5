// SPDX-License-Identifier: Apache-2.0
// gzip as a client does it: offered always, asked for by its configuration, and what comes packed is unpacked.
import CatenaGRPC
import NIOCore
import Testing

@Suite("A client's compression", .timeLimit(.minutes(3)))
struct ClientCompressionTests {
    /// "hello" eight times, packed by the gzip program.
    static let packed: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xcf, 0x20, 0x4c, 0x00, 0x00, 0x11, 0xcc, 0xcc, 0x1a, 0x28, 0x00, 0x00, 0x00,
    ]

    @Test("gzip is offered with every request, and named when the client packs", arguments: [GRPCCompression.none, .gzip])
    func headers(compression: GRPCCompression) async throws {
        var configuration = GRPCClientConfiguration()
        configuration.compression = compression
        try await withHandDrivenServer(configuration) { server, client in
            async let reply = client.reply("/t/Echo", ByteBuffer(repeating: 7, count: 10_000))
            let raw = try await server.greet()
            let head = try #require(await raw.next(.headers))
            let fields = try HeaderInflater().decode(head.payload)
            #expect(fields.contains { $0 == ("grpc-accept-encoding", "identity,gzip") })
            #expect(fields.contains { $0 == ("grpc-encoding", "gzip") } == (compression == .gzip))
            #expect(fields.filter { $0.0.hasPrefix(":") }.map(\.0) == [":method", ":scheme", ":path", ":authority"])
            let data = try #require(await raw.next(.data)).payload
            #expect(data[0] == (compression == .gzip ? 1 : 0))
            #expect((data.count < 1000) == (compression == .gzip))
            try await raw.answer(head.stream)
            #expect(await reply.code == .ok)
        }
    }

    @Test("packed messages are exchanged with a server", arguments: [true, false])
    func exchange(isStream: Bool) async throws {
        try await withServer(.streaming()) { server, _ in
            var configuration = GRPCClientConfiguration()
            configuration.compression = .gzip
            let client = GRPCClient(target: server.address, on: group.next(), configuration: configuration)
            let payloads = [ByteBuffer(), ByteBuffer(string: "short"), ByteBuffer(repeating: 7, count: 3 << 20)]
            if isStream {
                let log = StreamLog()
                let call = client.stream("/t/Chat", events: log.handlers)
                for payload in payloads { call.send(payload) }
                call.finishSending()
                for payload in payloads { #expect(await log.message() == payload) }
                #expect(await log.rest() == [.end(.ok)])
            } else {
                for payload in payloads { #expect(await client.reply("/t/Echo", payload).payload == payload) }
            }
            try await client.shutdown().get()
        }
    }

    @Test("what a server packs is unpacked; what is not gzip or of an unknown encoding is INTERNAL", arguments: [
        ("gzip", true, GRPCStatus.Code.ok), ("gzip", false, .internal), ("snappy", true, .internal),
    ])
    func packedAnswer(encoding: String, isWhole: Bool, code: GRPCStatus.Code) async throws {
        try await withHandDrivenServer { server, client in
            async let reply = client.reply("/t/Echo")
            let raw = try await server.greet()
            let stream = try await raw.nextStream()
            let bytes = isWhole ? Self.packed : Array(Self.packed.dropLast(9))
            try await raw.send(
                .headers(RawConnection.okHead + [("grpc-encoding", encoding)], stream: stream),
                RawFrame(.data, stream: stream, [1, 0, 0, 0, UInt8(bytes.count)] + bytes),
                .headers([("grpc-status", "0")], stream: stream, end: true))
            let result = await reply
            #expect(result.code == code)
            if code == .ok { #expect(result.payload == ByteBuffer(string: String(repeating: "hello", count: 8))) }
        }
    }

    @Test("a packed message that unpacks to more than the limit is RESOURCE_EXHAUSTED")
    func bomb() async throws {
        try await withServer(.streaming()) { server, _ in
            var configuration = GRPCClientConfiguration()
            configuration.compression = .gzip
            configuration.maxMessageSize = 100_000
            let client = GRPCClient(target: server.address, on: group.next(), configuration: configuration)
            #expect(await client.reply("/t/Echo", ByteBuffer(repeating: 7, count: 100_001)).code == .resourceExhausted)
            #expect(await client.reply("/t/Echo", ByteBuffer(repeating: 7, count: 100_000)).code == .ok)
            try await client.shutdown().get()
        }
    }
}
