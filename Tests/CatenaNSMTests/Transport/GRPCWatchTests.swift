// SPDX-License-Identifier: Apache-2.0
// What a next hop says by itself, over sockets: its monitor, its health, and whether it is there.

import CatenaABI
@testable import CatenaChain
import CatenaGRPC
@testable import CatenaNSM
import Glibc
import NIOCore
import NIOPosix
import SwiftProtobuf
import Synchronization
import Testing

@Suite("streams of a next hop, on sockets", .timeLimit(.minutes(2)))
struct GRPCWatchTests {
    private static func server(_ methods: GRPCMethods = GRPCMethods(), at path: String? = nil) async throws -> GRPCServer {
        let address = path.map { GRPCAddress.unix(path: $0) } ?? .tcp(host: "127.0.0.1", port: 0)
        return try await GRPCServer.bind(.address(address), methods: methods, group: MultiThreadedEventLoopGroup.singleton).get()
    }

    private static func event(_ type: UInt64, _ ids: [String], isPiece: Bool = false) -> ByteBuffer {
        var writer = WireWriter()
        for id in ids {
            writer.message(2) { entry in
                entry.text(1, Array(id.utf8).span)
                entry.message(2) { $0.text(1, Array(id.utf8).span) }
            }
        }
        // Behind what it is about, as protobuf allows.
        writer.number(1, type)
        if isPiece { writer.number(ConnectionEventReader.moreFollows, 1) }
        return ByteBuffer(bytes: writer.bytes)
    }

    @Test("health: what it is, what it becomes, and how the stream ends with its server")
    func health() async throws {
        let health = GRPCHealth(server: .serving)
        var methods = GRPCMethods()
        health.register(in: &methods)
        let server = try await Self.server(methods)
        try await TransportUser.with("\(server.address)") { user in
            var news = await user.listen(to: .health(service: "")).news.makeAsyncIterator()
            #expect(await news.next() == "serving")
            health.set(.notServing, for: "")
            #expect(await news.next() == "not serving")
            var other = await user.listen(to: .health(service: "nope")).news.makeAsyncIterator()
            #expect(await other.next() == "not serving")
            health.shutdown()
            #expect(await news.next()?.hasPrefix("ended \(CATENA_UNAVAILABLE) ") == true)
            #expect(await news.next() == nil)
        }
        try await server.close().get()
    }

    @Test("a monitor's events become snapshot, connections and deletions, and the selector names the segment")
    func monitor() async throws {
        let asked = Mutex<[UInt8]>([])
        var methods = GRPCMethods()
        methods.handleServerStreaming(MethodPath.monitorConnections) { call, payload in
            asked.withLock { $0 = Array(payload.readableBytesView) }
            call.send(Self.event(0, ["a"], isPiece: true))
            call.send(Self.event(0, ["b"]))
            call.send(Self.event(1, ["c", "d"]))
            call.send(Self.event(2, ["a"]))
            call.send(Self.event(0, []))
            call.finish()
        }
        let server = try await Self.server(methods)
        try await TransportUser.with("\(server.address)") { user in
            var heard: [String] = []
            for await news in await user.listen(to: .connections(segment: "fwd", id: nil)).news { heard.append(news) }
            let expected = [
                "snapshot", "connection a", "snapshot", "connection b", "complete", "connection c", "connection d", "deleted a", "snapshot",
                "complete", "ended \(CATENA_UNAVAILABLE) there: \(server.address) has ended the stream",
            ]
            #expect(heard == expected)
            // MonitorScopeSelector.path_segments { name: "fwd" }
            #expect(asked.withLock { $0 } == [0x0a, 0x05, 0x0a, 0x03] + Array("fwd".utf8))
        }
        try await server.close().get()
    }

    @Test("bytes that are no event end the stream, and a server without the service says so", arguments: [false, true])
    func wrong(hasService: Bool) async throws {
        var methods = GRPCMethods()
        if hasService {
            methods.handleServerStreaming(MethodPath.monitorConnections) { call, _ in call.send(ByteBuffer(bytes: [0x12, 0x7f])) }
        }
        let server = try await Self.server(methods)
        try await TransportUser.with("\(server.address)") { user in
            var news = await user.listen(to: .connections(segment: "fwd", id: "x")).news.makeAsyncIterator()
            let expected = hasService ? "ended \(CATENA_INTERNAL) here: " : "ended \(CATENA_UNIMPLEMENTED) there: "
            let last = try #require(await news.next())
            #expect(last.hasPrefix(expected), "\(last)")
            #expect(await news.next() == nil)
        }
        try await server.close().get()
    }

    @Test("presence: there is a way, it is lost, and an attempt to find it again says how it went")
    func presence() async throws {
        let path = "/tmp/catena-\(getpid())-presence.sock"
        // So long a pause that only an attempt which does not care for it can be made in this test.
        try await TransportUser.with("unix://\(path)", { $0.backoff = 600_000_000_000 }) { user in
            for _ in 0..<2 {
                var missing = await user.listen(to: .presence).news.makeAsyncIterator()
                #expect(await missing.next()?.hasPrefix("ended \(CATENA_UNAVAILABLE) here: unix://\(path): ") == true)
            }
            let server = try await Self.server(at: path)
            var news = await user.listen(to: .presence).news.makeAsyncIterator()
            #expect(await news.next() == "complete")
            try await server.close().get()
            #expect(await news.next() == "ended \(CATENA_UNAVAILABLE) here: unix://\(path): the connection was lost")
        }
    }

    @Test("a stream that was cancelled says no more")
    func cancelled() async throws {
        let health = GRPCHealth(server: .serving)
        var methods = GRPCMethods()
        health.register(in: &methods)
        let server = try await Self.server(methods)
        try await TransportUser.with("\(server.address)") { user in
            let (news, call) = await user.listen(to: .health(service: ""))
            var heard = news.makeAsyncIterator()
            #expect(await heard.next() == "serving")
            // A second stream on the same connection shows that what the server said meanwhile has come.
            await user.end(call)
            health.set(.notServing, for: "")
            var other = await user.listen(to: .health(service: "")).news.makeAsyncIterator()
            #expect(await other.next() == "not serving")
            health.set(.serving, for: "")
            #expect(await other.next() == "serving")
            // The listener went with its call, and the sequence with the listener.
            #expect(await heard.next() == nil)
        }
        try await server.close().get()
    }
}
