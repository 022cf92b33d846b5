// SPDX-License-Identifier: Apache-2.0
// How a client comes by its connection and what it does without one. All of it runs on the client's loop; the only memory of a
// failure is the state, so that the next call always tries again.
internal import NIOCore
internal import NIOPosix

extension GRPCClient {
    /// The connection that new calls go to.
    enum Link {
        /// None; the next call dials. Goes to `connecting`.
        case none
        /// An attempt is under way. Goes to `ready`, or to `none` when it fails.
        case connecting(ClientConnection, timer: Scheduled<Void>)
        /// Connected. Goes to `none` when the connection ends or takes no more calls.
        case ready(ClientConnection)
    }

    /// Begins a connection attempt.
    func dial() {
        let connection = ClientConnection(client: self)
        // Covers what NIO's own timeout does not: the resolver, and a server that accepts but does not answer.
        let timer = eventLoop.assumeIsolated().scheduleTask(in: configuration.connectTimeout) { [self] in
            attemptFailed(connection, "no answer within \(describe(configuration.connectTimeout))")
        }
        link = .connecting(connection, timer: timer)
        open.append(connection)
        setState(.connecting)
        guard let bootstrap = ClientBootstrap(validatingGroup: eventLoop) else {
            return attemptFailed(connection, "the event loop cannot make connections")
        }
        let handlerLoop = NIOLoopBound(connection, eventLoop: eventLoop)
        let configured = bootstrap.connectTimeout(configuration.connectTimeout).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(handlerLoop.value.makeHandler(for: channel))
            }
        }
        let channel =
            switch target {
            case .tcp(let host, let port): configured.connect(host: host, port: port)
            case .unix(let path): configured.connect(unixDomainSocketPath: path)
            }
        channel.assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let channel): if connection.isAbandoned { channel.close(promise: nil) }
            case .failure(let error):
                attemptFailed(connection, describe(error))
                connectionClosed(connection)
            }
        }
    }

    func connectionReady(_ connection: ClientConnection) {
        guard case .connecting(let current, let timer) = link, current === connection else { return }
        timer.cancel()
        link = .ready(connection)
        setState(.ready)
        let promises = connectPromises
        connectPromises = []
        for promise in promises { promise.succeed() }
        let calls = waiting
        waiting = []
        for call in calls where !call.isEnded { begin(call) }
    }

    /// Fails what waited for the attempt, and only that.
    private func attemptFailed(_ connection: ClientConnection, _ reason: String) {
        guard case .connecting(let current, let timer) = link, current === connection else { return }
        timer.cancel()
        link = .none
        connection.close(reason: reason)
        let status = GRPCStatus(.unavailable, "\(target): \(reason)")
        let calls = waiting
        waiting = []
        let promises = connectPromises
        connectPromises = []
        setState(.failing)
        for promise in promises { promise.fail(status) }
        for call in calls { call.finish(.failure(GRPCCallError(status: status, mayHaveBeenProcessed: false))) }
    }

    /// The server has sent GOAWAY, or the stream ids are used up: new calls need a new connection.
    func connectionDraining(_ connection: ClientConnection) {
        guard case .ready(let current) = link, current === connection else { return }
        link = .none
        setState(.idle)
    }

    /// The channel is gone, or never came to be.
    func connectionClosed(_ connection: ClientConnection) {
        attemptFailed(connection, connection.closeReason)
        connectionDraining(connection)
        open.removeAll { $0 === connection }
        finishShutdownIfClosed()
    }
}
