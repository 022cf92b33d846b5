// SPDX-License-Identifier: Apache-2.0
// How a client comes by its connection and what it does without one. All of it runs on the client's loop; what is remembered of a
// failure is only when to try again, and for whom.
internal import NIOCore
internal import NIOPosix

extension GRPCClient {
    /// The connection that new calls go to.
    enum Link {
        /// None; the next call dials, unless it is too early after a failure. Goes to `connecting`.
        case none
        /// An attempt is under way. Goes to `ready`, or to `none` when it fails.
        case connecting(ClientConnection, timer: Scheduled<Void>)
        /// Connected. Goes to `none` when the connection ends or takes no more calls.
        case ready(ClientConnection)
    }

    /// Begins a connection attempt.
    func dial() {
        redial?.cancel()
        redial = nil
        backoff.attemptBegins()
        let connection = ClientConnection(client: self)
        // Covers what NIO's own timeout does not: the resolver, and a server that accepts but does not answer.
        let timer = eventLoop.assumeIsolated().scheduleTask(in: configuration.connectTimeout) { [self] in
            attemptFailed(connection, "no answer within \(describe(configuration.connectTimeout))")
        }
        link = .connecting(connection, timer: timer)
        open.append(connection)
        setState(.connecting)
        // Not within the call that asked for it: an attempt can fail at once.
        guard let bootstrap = ClientBootstrap(validatingGroup: eventLoop) else {
            return eventLoop.assumeIsolated().execute { self.attemptEnded(connection, "the event loop cannot make connections") }
        }
        connect(bootstrap, connection).assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let channel): if connection.isAbandoned { channel.close(promise: nil) }
            case .failure(let error): eventLoop.assumeIsolated().execute { self.attemptEnded(connection, describe(error)) }
            }
        }
    }

    private func connect(_ bootstrap: ClientBootstrap, _ connection: ClientConnection) -> EventLoopFuture<any Channel> {
        let handlerLoop = NIOLoopBound(connection, eventLoop: eventLoop)
        let configured = bootstrap.connectTimeout(configuration.connectTimeout).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(handlerLoop.value.makeHandler(for: channel))
            }
        }
        switch target {
        case .unix(let path): return configured.connect(unixDomainSocketPath: path)
        case .tcp(let host, let port):
            return configured.connect(host: host, port: port).assumeIsolated().flatMapThrowing { [configuration] channel in
                if let limit = configuration.tcpUserTimeout { try channel.setTCPUserTimeout(limit) }
                return channel
            }.nonisolated()
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
        for call in waiting.takeAll() where !call.isEnded { begin(call) }
    }

    /// Fails what waited for the attempt and only that; calls that wait until there is a connection wait for the next.
    private func attemptFailed(_ connection: ClientConnection, _ reason: String) {
        guard case .connecting(let current, let timer) = link, current === connection else { return }
        timer.cancel()
        link = .none
        connection.close(reason: reason)
        let status = GRPCStatus(.unavailable, "\(target): \(reason)")
        backoff.attemptFailed(status)
        let calls = waiting.takeAll()
        for call in calls where call.waitForReady { waiting.append(call) }
        scheduleRedial()
        let promises = connectPromises
        connectPromises = []
        setState(.failing)
        for promise in promises { promise.fail(status) }
        for call in calls where !call.waitForReady { call.fail(status) }
    }

    private func attemptEnded(_ connection: ClientConnection, _ reason: String) {
        attemptFailed(connection, reason)
        connectionClosed(connection)
    }

    /// Has the next attempt made when the pause is over, if a call waits for it.
    private func scheduleRedial() {
        guard redial == nil, case .none = link, waiting.hasLiveCalls() else { return }
        redial = eventLoop.assumeIsolated().scheduleTask(deadline: backoff.next) { [self] in
            redial = nil
            if case .none = link, waiting.hasLiveCalls() { dial() }
        }
    }

    /// Sends `call` on the connection, or has it wait for one.
    func begin(_ call: ClientCall) {
        if let ready, shutdownStatus == nil { return unsafe ready._withUnsafeGuaranteedRef { $0.start(call) } }
        if let shutdownStatus { return eventLoop.execute { call.fail(shutdownStatus) } }
        switch link {
        case .ready(let connection): connection.start(call)
        case .connecting: waiting.append(call)
        case .none: beginUnconnected(call)
        }
    }

    private func beginUnconnected(_ call: ClientCall) {
        let now = NIODeadline.now()
        if let failure = backoff.failure, !call.waitForReady {
            if now < backoff.nextForced {
                let wait = (backoff.nextForced - now).wholeMilliseconds
                return eventLoop.execute {
                    call.fail(GRPCStatus(failure.code, "\(failure.message) (the next attempt can be made in \(wait) ms)"))
                }
            }
        } else if now < backoff.next {
            waiting.append(call)
            return scheduleRedial()
        }
        waiting.append(call)
        dial()
    }

    /// The server has sent GOAWAY, the stream ids are used up or the channel is gone: new calls need a new connection.
    func connectionLeft(_ connection: ClientConnection) {
        guard case .ready(let current) = link, current === connection else { return }
        link = .none
        if connection.wasUseful {
            backoff.succeeded()
            setState(.idle)
        } else {
            // A server that lets go of every connection must not be dialled as fast as it does.
            backoff.wasUseless(GRPCStatus(.unavailable, "\(target): \(connection.closeReason)"))
            setState(backoff.failure == nil ? .idle : .failing)
        }
    }

    /// The channel is gone, or never came to be.
    func connectionClosed(_ connection: ClientConnection) {
        attemptFailed(connection, connection.closeReason)
        connectionLeft(connection)
        open.removeAll { $0 === connection }
        finishShutdownIfClosed()
    }
}
