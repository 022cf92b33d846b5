// SPDX-License-Identifier: Apache-2.0
// A server can only promise that nothing is left open if it counts connections the moment they are accepted. So the count is kept by
// a handler on the listening channel, ahead of the one that hands new channels to their loops.
internal import NIOCore
internal import Synchronization

/// All connections of one server. Any thread.
final class AcceptedConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isDraining = false
        var whenEmpty: [EventLoopPromise<Void>] = []
    }

    private let state = Mutex(State())

    /// Whether a connection that is only now ready to serve should say goodbye at once.
    var isDraining: Bool { state.withLock { $0.isDraining } }

    fileprivate func add(_ channel: any Channel) {
        state.withLock { $0.channels[ObjectIdentifier(channel)] = channel }
        channel.closeFuture.whenComplete { _ in self.remove(channel) }
    }

    private func remove(_ channel: any Channel) {
        let done = state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = nil
            guard state.channels.isEmpty else { return [EventLoopPromise<Void>]() }
            defer { state.whenEmpty = [] }
            return state.whenEmpty
        }
        for promise in done { promise.succeed() }
    }

    /// Asks every connection to end when its calls have; `promise` succeeds when none is left. To be called when none can come.
    func drain(_ promise: EventLoopPromise<Void>) {
        let channels = state.withLock { state in
            state.isDraining = true
            if !state.channels.isEmpty { state.whenEmpty.append(promise) }
            return Array(state.channels.values)
        }
        if channels.isEmpty { promise.succeed() }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(DrainRequest()) }
    }

    /// Cuts every connection.
    func closeAll() {
        for channel in state.withLock({ Array($0.channels.values) }) { channel.close(promise: nil) }
    }
}

/// Notes each accepted channel on its way to the handler that serves it.
final class AcceptCounter: ChannelInboundHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    private let connections: AcceptedConnections

    init(_ connections: AcceptedConnections) { self.connections = connections }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connections.add(Self.unwrapInboundIn(data))
        context.fireChannelRead(data)
    }
}
