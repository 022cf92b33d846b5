// SPDX-License-Identifier: Apache-2.0
// What an element asks of its transport is what the sockets do: requirement documents T4.5 and T4.6, and the options of
// connections that hang, answers that are too long, and servers that come later.

import CatenaABI
@testable import CatenaChain
import CatenaGRPC
import CatenaNSM
import Glibc
import NIOCore
import NIOPosix
import SwiftProtobuf
import Testing

@Suite("the options of a transport, on sockets", .timeLimit(.minutes(2)))
struct TransportOptionsTests {
    /// A server that answers every Request with a connection of that payload.
    private static func server(at address: GRPCAddress, payload: String = "IP") async throws -> GRPCServer {
        var methods = GRPCMethods()
        methods.handleUnary(MethodPath.request) { call, _ in
            var connection = Connection_Connection()
            connection.payload = payload
            call.respond(ByteBuffer(bytes: (try? connection.serializedBytes() as [UInt8]) ?? []))
        }
        return try await GRPCServer.bind(.address(address), methods: methods, group: MultiThreadedEventLoopGroup.singleton).get()
    }

    /// Where no other test is, nor another run of this one.
    private static func path(_ name: String) -> String { "/tmp/catena-\(getpid())-\(name).sock" }

    @Test("T4.6: a server that accepts and never speaks fails the call at the dial timeout, by name, long before its deadline")
    func dialTimeout() async throws {
        try await SilentServer.with(greeting: []) { server in
            try await TransportUser.with(server.url, { $0.dialTimeout = 100_000_000 }) { user in
                let failure = try #require(try await user.request())
                #expect(failure.code == CATENA_UNAVAILABLE && failure.text == "\(server.url): no answer within 100 ms")
                #expect(!failure.isRemote && !failure.isIndefinite)
            }
        }
    }

    @Test("keepalive gives up a server that has fallen silent, and the call may have been done there")
    func keepalive() async throws {
        try await SilentServer.with(greeting: SilentServer.settings) { server in
            let eager = { (options: inout TransportOptions) in
                options.keepalive = 20_000_000
                options.keepaliveTimeout = 30_000_000
            }
            try await TransportUser.with(server.url, eager) { user in
                let failure = try #require(try await user.request())
                #expect(failure.code == CATENA_UNAVAILABLE && failure.text.contains("after a keepalive PING"), "\(failure.text)")
                #expect(!failure.isRemote && failure.isIndefinite)
            }
        }
    }

    @Test("an answer longer than the largest message is RESOURCE_EXHAUSTED", arguments: [nil, 1_024, 5_000])
    func maxMessageSize(limit: Int?) async throws {
        let server = try await Self.server(at: .tcp(host: "127.0.0.1", port: 0), payload: String(repeating: "x", count: 4_096))
        try await TransportUser.with("\(server.address)", { $0.maxMessageSize = limit ?? $0.maxMessageSize }) { user in
            let failure = try await user.request()
            #expect(failure?.code == (limit == 1_024 ? CATENA_RESOURCE_EXHAUSTED : nil), "\(failure?.text ?? "")")
        }
        try await server.close().get()
    }

    @Test("T4.5: a failed attempt is not remembered: the next call finds the server that has come meanwhile")
    func notCached() async throws {
        let path = Self.path("again")
        // The pause in which no new attempt is made is as good as none here.
        try await TransportUser.with("unix://\(path)", { $0.backoff = 1 }) { user in
            for _ in 0..<2 {
                let failure = try #require(try await user.request())
                #expect(failure.code == CATENA_UNAVAILABLE && failure.text.hasPrefix("unix://\(path): "), "\(failure.text)")
                #expect(!failure.isRemote && !failure.isIndefinite)
            }
            let server = try await Self.server(at: .unix(path: path))
            #expect(try await user.request() == nil)
            try await server.close().get()
        }
    }

    @Test("with wait-for-ready a call waits for a server that comes later")
    func waitForReady() async throws {
        let path = Self.path("later")
        let patient = { (options: inout TransportOptions) in
            options.waitForReady = true
            options.backoff = 10_000_000
            options.backoffMax = 20_000_000
        }
        try await TransportUser.with("unix://\(path)", patient) { user in
            async let failure = user.request()
            // An attempt has failed, and the call has not.
            while user.transport.state != CATENA_TRANSPORT_FAILING { try await Task.sleep(for: .milliseconds(1)) }
            let server = try await Self.server(at: .unix(path: path))
            #expect(try await failure == nil)
            try await server.close().get()
        }
    }
}
