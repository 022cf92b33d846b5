// SPDX-License-Identifier: Apache-2.0
// A wire that can be cut without a word: it joins each connection to a server until it is told to swallow everything, as a machine
// does that has lost its power.
import CatenaGRPC
import NIOCore
import NIOPosix
import Synchronization

/// A TCP relay in front of a server on 127.0.0.1.
final class Relay: Sendable {
    let address: GRPCAddress
    private let listening: any Channel
    private let shared: Shared

    private init(_ listening: any Channel, _ shared: Shared) {
        self.listening = listening
        self.shared = shared
        address = .tcp(host: "127.0.0.1", port: listening.localAddress?.port ?? 0)
    }

    private final class Shared: Sendable {
        let isSilent = Mutex(false)
        let channels = Mutex<[any Channel]>([])
    }

    static func start(to port: Int) async throws -> Relay {
        let shared = Shared()
        let listening = try await ServerBootstrap(group: group).childChannelInitializer { near in
            shared.channels.withLock { $0.append(near) }
            return ClientBootstrap(group: near.eventLoop).channelInitializer { far in
                shared.channels.withLock { $0.append(far) }
                return far.eventLoop.makeCompletedFuture {
                    try far.pipeline.syncOperations.addHandler(Forwarder(to: near, shared))
                    try near.pipeline.syncOperations.addHandler(Forwarder(to: far, shared))
                }
            }.connect(host: "127.0.0.1", port: port).map { _ in }
        }.bind(host: "127.0.0.1", port: 0).get()
        return Relay(listening, shared)
    }

    /// Swallows everything from now on; no connection is closed.
    func fallSilent() { shared.isSilent.withLock { $0 = true } }

    func stop() async throws {
        try await listening.close().get()
        for channel in shared.channels.withLock({ $0 }) { channel.close(promise: nil) }
    }

    private final class Forwarder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let other: any Channel
        private let shared: Shared

        init(to other: any Channel, _ shared: Shared) {
            self.other = other
            self.shared = shared
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !shared.isSilent.withLock({ $0 }) else { return }
            other.writeAndFlush(Self.unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            if !shared.isSilent.withLock({ $0 }) { other.close(promise: nil) }
        }
    }
}
