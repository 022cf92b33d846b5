// SPDX-License-Identifier: Apache-2.0
// A server that is there and says nothing, or nothing after its greeting: what is left of a next hop whose machine has hung.

import NIOCore
import NIOPosix
import Testing

/// Accepts connections, reads them, and answers with its greeting at most.
final class SilentServer: Sendable {
    /// An empty SETTINGS frame, which makes a client's connection ready.
    static let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]

    let url: String
    private let listening: any Channel

    private init(_ listening: any Channel) {
        self.listening = listening
        url = "tcp://127.0.0.1:\(listening.localAddress?.port ?? 0)"
    }

    /// Runs `body` with a server on a free port.
    static func with(greeting: [UInt8], _ body: (SilentServer) async throws -> Void) async throws {
        let listening = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Greeter(greeting)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = SilentServer(listening)
        do {
            try await body(server)
        } catch {
            try await listening.close().get()
            throw error
        }
        try await listening.close().get()
    }
}

private final class Greeter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let greeting: [UInt8]

    init(_ greeting: [UInt8]) { self.greeting = greeting }

    func channelActive(context: ChannelHandlerContext) {
        if !greeting.isEmpty { context.writeAndFlush(NIOAny(ByteBuffer(bytes: greeting)), promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
}
