// SPDX-License-Identifier: Apache-2.0
// Watch of the health service: the present, then each change, to whoever asks and for as long as they listen.
import CatenaGRPC
import NIOCore
import Testing

@Suite("Health watch", .timeLimit(.minutes(3)))
struct ServerHealthTests {
    private static let path = "/grpc.health.v1.Health/Watch"

    private func withWatch(
        of service: String, _ health: GRPCHealth = GRPCHealth(), _ body: (GRPCHealth, GRPCServer, RawConnection) async throws -> Void
    ) async throws {
        var methods = GRPCMethods.standard()
        health.register(in: &methods)
        try await withServer(methods) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            let request = service.isEmpty ? [] : [0x0a, UInt8(service.utf8.count)] + Array(service.utf8)
            try await raw.send(.headers(RawConnection.request(Self.path), stream: 1), .message(request, stream: 1, end: true))
            try await body(health, server, raw)
            try await raw.close()
        }
    }

    private func next(_ raw: RawConnection) async -> UInt8? { await raw.next(.data)?.payload.last }

    @Test("tells the status at once, each change once, an unknown service as such")
    func changes() async throws {
        try await withWatch(of: "a.B") { health, _, raw async throws in
            #expect(await next(raw) == 3)
            health.set(.serving, for: "a.B")
            #expect(await next(raw) == 1)
            health.set(.serving, for: "a.B")
            health.set(.notServing, for: "other")
            health.set(.notServing, for: "a.B")
            #expect(await next(raw) == 2)
            health.remove("a.B")
            #expect(await next(raw) == 3)
            try await raw.send(.reset(1, .cancel))
            _ = try await raw.framesUntilPing()
            health.set(.serving, for: "a.B")
            #expect(try await raw.framesUntilPing().allSatisfy { !$0.isA(.data) })
        }
    }

    @Test("a watcher that does not read gets the latest status, not the history")
    func slow() async throws {
        try await withWatch(of: "") { health, _, raw async throws in
            #expect(await next(raw) == 1)
            try await raw.send(.settings(4, 0))
            _ = try await raw.framesUntilPing()
            for number in 0..<100_000 { health.set(number % 2 == 0 ? .notServing : .serving, for: "") }
            health.remove("")
            _ = try await raw.framesUntilPing()
            try await raw.send(.windowUpdate(0, 1 << 20), .windowUpdate(1, 1 << 20))
            var body: [UInt8] = []
            while body.count % 7 != 0 || body.last != 3, let frame = await raw.next(.data) { body += frame.payload }
            #expect(body.last == 3)
            // What was waiting when the writer was asked to stop, and the last.
            #expect(body.count < 100_000)
        }
    }

    @Test("shutdown tells the watchers and ends them, and those that come later")
    func shutdown() async throws {
        try await withWatch(of: "") { health, _, raw async throws in
            #expect(await next(raw) == 1)
            health.shutdown()
            health.set(.serving, for: "")
            let response = try await raw.response(stream: 1)
            #expect(response.payloads == [[8, 2]] && response.status == "14")
            try await raw.send(.headers(RawConnection.request(Self.path), stream: 3), .message([], stream: 3, end: true))
            let late = try await raw.response(stream: 3)
            #expect(late.payloads == [[8, 2]] && late.status == "14")
        }
    }

    @Test("a request that cannot be read is INTERNAL")
    func unreadable() async throws {
        var methods = GRPCMethods()
        GRPCHealth().register(in: &methods)
        try await withServer(methods) { _, client in
            #expect(await client.reply(Self.path, ByteBuffer(bytes: [0x0a, 9, 0x78])).code == .internal)
        }
    }
}
