// SPDX-License-Identifier: Apache-2.0
// The third requirement document's watcher by the health protocol, with a real host before a real server: what is declared dead is
// dialled again inside the Request that meets it.

import CatenaGRPC
import CatenaNSM
import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing

@EndToEnd
@Suite("a transport that is declared dead")
struct DeadTransportTests {
    @Test("a next hop that is not well any more gets the next Request over another connection, and no call fails")
    func health() async throws {
        let place = try Workplace()
        defer { place.remove() }
        let peers = Mutex<[String]>([])
        let (watches, watched) = AsyncStream.makeStream(of: ServerCall.self)
        var methods = GRPCMethods()
        // Health's own bytes: what is said first must be SERVING, however late the host listens.
        methods.handleServerStreaming("/grpc.health.v1.Health/Watch") { call, _ in
            call.send(ByteBuffer(bytes: [0x08, 0x01]))
            watched.yield(call)
        }
        methods.handleUnary(MethodPath.request) { call, payload in
            peers.withLock { $0.append(call.peer) }
            let request = try? Message(request: Array(payload.readableBytesView))
            call.respond(ByteBuffer(bytes: request?.connectionBytes ?? []))
        }
        methods.handleUnary(MethodPath.close) { call, _ in call.respond(ByteBuffer()) }
        let nextHop = try await GRPCServer.bind(
            .address(.tcp(host: "127.0.0.1", port: 0)), methods: methods, group: MultiThreadedEventLoopGroup.singleton).get()
        let forwarder = try RunningHost.start(Self.forwarder(to: "\(nextHop.address)", in: place), in: place, name: "forwarder")
        defer { forwarder.process.end() }
        let client = GRPCClient(target: .unix(path: place.file("in.sock")), on: MultiThreadedEventLoopGroup.singleton.any())

        let request = Message()
        try request.set(.id, to: "c")
        try request.setSegment(0, to: PathSegment(name: "client", id: "c"))
        let open = try Message(connection: try await client.answer(MethodPath.request, request.requestBytes))
        var listening = watches.makeAsyncIterator()
        let watch = try #require(await listening.next())
        watch.eventLoop.execute { watch.send(ByteBuffer(bytes: [0x08, 0x02])) }
        try forwarder.process.awaitError("the next hop is not well: its transport is retired")
        // A connection as a request that carries only it.
        _ = try await client.answer(MethodPath.request, open.requestBytes)
        let seen = peers.withLock { $0 }
        #expect(seen.count == 2 && Set(seen).count == 2, "\(seen)")
        _ = try await client.answer(MethodPath.close, open.connectionBytes)
        #expect(try forwarder.status().engine.holdings == .init())
        #expect(await listening.next() != nil)
        client.shutdown()
        #expect(try forwarder.stop() == .status(0))
        try await nextHop.close().get()
    }

    private static func forwarder(to url: String, in place: Workplace) -> String {
        """
        {
          "chains": {
            "forwarder": {
              "listen": ["unix://\(place.file("in.sock"))"],
              "elements": [
                \(Chains.updatepath("forwarder")), "serialize",
                { "element": "clienturl", "config": { "url": "\(url)" } },
                { "element": "connect", "config": { "client": "next" } }
              ]
            },
            "next": { "elements": ["healthcheck"] }
          }
        }

        """
    }
}
