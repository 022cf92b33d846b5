// SPDX-License-Identifier: Apache-2.0
// A listening socket and the connections it has accepted, from the first bind to the last goodbye. There is no server that does not
// serve: binding makes one or fails, and shutdown ends it.
internal import Glibc
public import NIOCore
internal import NIOPosix
internal import Synchronization

/// A gRPC server on one listener. All of it may be used from any thread.
///
/// Connections are spread over the loops of the group, and a connection's calls run on its loop.
public final class GRPCServer: Sendable {
    /// Where the server listens, with the port the system chose when it was asked for port 0.
    public let address: GRPCAddress

    private let listening: any Channel
    private let socketFile: UnixSocketFile?
    private let connections: AcceptedConnections
    private let ending = Mutex<EventLoopFuture<Void>?>(nil)

    private init(
        address: GRPCAddress, listening: any Channel, socketFile: UnixSocketFile?, connections: AcceptedConnections
    ) {
        self.address = address
        self.listening = listening
        self.socketFile = socketFile
        self.connections = connections
    }

    /// Opens the listener and begins to serve.
    ///
    /// A stale Unix socket at the path is replaced. Looks at the file system on the calling thread for that.
    ///
    /// - Returns: the server, or ``GRPCBindError``.
    public static func bind(
        _ listener: GRPCListener, methods: GRPCMethods, configuration: GRPCServerConfiguration = GRPCServerConfiguration(),
        group: any EventLoopGroup
    ) -> EventLoopFuture<GRPCServer> {
        let connections = AcceptedConnections()
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: configuration.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptCounter(connections))
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let limit = configuration.tcpUserTimeout { try channel.setTCPUserTimeout(limit) }
                    let handler = try ServerConnection.makeHandler(for: channel, methods: methods, configuration: configuration)
                    do {
                        try channel.pipeline.syncOperations.addHandler(handler)
                    } catch {
                        handler.abandon()
                        throw error
                    }
                    if connections.isDraining { handler.requestDrain() }
                }
            }
        return open(listener, bootstrap, backlog: configuration.backlog, on: group.next()).flatMapThrowing { channel in
            guard let bound = channel.localAddress, let address = GRPCAddress(bound) else {
                throw GRPCBindError(.invalidAddress, listener, "the socket has no address that can be served")
            }
            var socketFile: UnixSocketFile?
            if case .address(.unix(let path)) = listener { socketFile = UnixSocketFile(boundAt: path) }
            return GRPCServer(address: address, listening: channel, socketFile: socketFile, connections: connections)
        }.flatMapErrorThrowing { error in
            throw GRPCBindError(listener, error)
        }
    }

    private static func open(
        _ listener: GRPCListener, _ bootstrap: ServerBootstrap, backlog: CInt, on eventLoop: any EventLoop
    ) -> EventLoopFuture<any Channel> {
        switch listener {
        case .address(.tcp(let host, let port)):
            return bootstrap.bind(host: host, port: port)
        case .address(.unix(let path)):
            do throws(GRPCBindError) {
                return bootstrap.withBoundSocket(try UnixSocketFile.listen(at: path, backlog: backlog))
            } catch {
                return eventLoop.makeFailedFuture(error)
            }
        case .descriptor(let descriptor):
            return bootstrap.withBoundSocket(descriptor)
        }
    }

    /// Ends the server without losing a call: no new connection is accepted, each open one is told (GOAWAY) and closed when its calls
    /// are answered, at once when it has none. What is left at `deadline` is cut, and its calls are cancelled.
    ///
    /// A second call, or one after ``close()``, gives the future of the first.
    ///
    /// - Returns: succeeds when no connection is left.
    public func shutdown(deadline: NIODeadline) -> EventLoopFuture<Void> {
        end { [connections, listening] in
            let drained = listening.eventLoop.makePromise(of: Void.self)
            connections.drain(drained)
            let cut = listening.eventLoop.scheduleTask(deadline: deadline) { connections.closeAll() }
            drained.futureResult.whenComplete { _ in cut.cancel() }
            return drained.futureResult
        }
    }

    /// Ends the server at once: every connection is cut, and its calls are cancelled. Also cuts short a ``shutdown(deadline:)``.
    ///
    /// - Returns: succeeds when no connection is left.
    @discardableResult
    public func close() -> EventLoopFuture<Void> {
        let ended = end { [connections, listening] in
            let drained = listening.eventLoop.makePromise(of: Void.self)
            connections.drain(drained)
            return drained.futureResult
        }
        listening.closeFuture.whenComplete { [connections] _ in connections.closeAll() }
        return ended
    }

    /// Stops listening, and then does the rest; once.
    private func end(_ rest: @escaping @Sendable () -> EventLoopFuture<Void>) -> EventLoopFuture<Void> {
        let (future, isFirst) = ending.withLock { ending in
            if let ending { return (ending, false) }
            let future = listening.closeFuture.flatMap(rest)
            ending = future
            return (future, true)
        }
        if isFirst {
            socketFile?.removeIfOurs()
            listening.close(promise: nil)
        }
        return future
    }
}
