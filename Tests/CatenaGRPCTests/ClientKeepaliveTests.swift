// SPDX-License-Identifier: Apache-2.0
// A server that vanishes without a word: calls must not hang for the many minutes that TCP would.
import CatenaGRPC
import NIOCore
import Testing

@Suite("A client's keepalive", .timeLimit(.minutes(3)))
struct ClientKeepaliveTests {
    @Test("a silent drop ends the calls in flight with UNAVAILABLE, and the next call finds another connection")
    func silentDrop() async throws {
        let hangs = Hangs()
        try await withServer(.standard(hangs: hangs)) { server, _ in
            guard case .tcp(_, let port) = server.address else { return }
            let relay = try await Relay.start(to: port)
            var configuration = GRPCClientConfiguration()
            configuration.keepalive = GRPCKeepalive(time: .seconds(1), timeout: .seconds(5))
            configuration.connectTimeout = .seconds(5)
            let client = GRPCClient(target: relay.address, on: group.next(), configuration: configuration)
            async let reply = client.reply("/t/Hang")
            #expect(await hangs.nextCall() != nil)
            relay.fallSilent()
            let error = try #require(await reply.error)
            #expect(error.status.code == .unavailable && error.mayHaveBeenProcessed)
            #expect(error.status.message.contains("after a keepalive PING"))
            // The wire is still cut, so that a new attempt fails for its own reason.
            let next = await client.reply("/t/Echo").error?.status.message ?? ""
            #expect(next.contains("no answer within 5 s"), "\(next)")
            try await client.shutdown().get()
            try await relay.stop()
        }
    }

    @Test("a live server that has nothing to say is left its call")
    func liveServer() async throws {
        try await withHandDrivenServer(Self.eager) { server, client in
            async let reply = client.reply("/t/Hang")
            let raw = try await server.greet()
            let stream = try await raw.nextStream()
            for _ in 0..<2 {
                var ping = try #require(await raw.next(.ping))
                ping.flags = RawFrame.ack
                try await raw.send(ping)
            }
            try await raw.answer(stream)
            #expect(await reply.code == .ok)
        }
    }

    private static var eager: GRPCClientConfiguration {
        var configuration = GRPCClientConfiguration()
        configuration.keepalive = GRPCKeepalive(time: .milliseconds(20), timeout: .seconds(30))
        return configuration
    }
}
