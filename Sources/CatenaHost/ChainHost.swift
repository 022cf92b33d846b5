// SPDX-License-Identifier: Apache-2.0
// A running host: its engine, its listeners and its control socket, started in the order in which they need one another and
// ended in the reverse one.

internal import CatenaChain
public import CatenaConfig
internal import CatenaGRPC
internal import CatenaNSM
public import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A host that serves the chains of one config.
public final class ChainHost: Sendable {
    /// A listener that serves, with the port that was chosen for port 0.
    public struct Serving: Sendable, Equatable {
        public let chain: String
        public let url: String
    }

    public let serving: [Serving]
    /// Where it listens for `catena status`.
    public let controlPath: String
    /// What is not as it should be, but does not keep the chains from running.
    public let warnings: [Diagnostic]

    private let engine: Engine
    private let opened: OpenedConnections
    private let servers: [GRPCServer]
    private let control: GRPCServer
    private let health: GRPCHealth
    private let monitors: [MonitorConnectionServer]
    private let group: MultiThreadedEventLoopGroup
    private let drainTimeout: Duration
    private let logger: Logger

    private init(
        engine: Engine, opened: OpenedConnections, servers: [(chain: String, server: GRPCServer)], control: (path: String, server: GRPCServer),
        health: GRPCHealth, monitors: [MonitorConnectionServer], group: MultiThreadedEventLoopGroup, loaded: LoadedChains, logger: Logger
    ) {
        self.engine = engine
        self.opened = opened
        self.servers = servers.map(\.server)
        serving = servers.map { Serving(chain: $0.chain, url: "\($0.server.address)") }
        self.control = control.server
        controlPath = control.path
        self.health = health
        self.monitors = monitors
        self.group = group
        drainTimeout = loaded.file.drainTimeout
        warnings = loaded.warnings(of: engine)
        self.logger = logger
    }

    /// Checks a config as ``start(_:logger:)`` does, opening no socket.
    ///
    /// - Returns: warnings, and what was found in words.
    public static func validate(_ configuration: HostConfiguration, logger: Logger) async throws(HostError) -> (warnings: [Diagnostic], summary: String) {
        do throws(ConfigError) {
            let loaded = try LoadedChains(configuration)
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            do throws(ConfigError) {
                let made = try ChainEngine(loaded, group: group, logger: logger)
                let warnings = loaded.warnings(of: made.engine)
                made.engine.discard()
                await group.end()
                return (warnings, loaded.summary)
            } catch {
                await group.end()
                throw error
            }
        } catch {
            throw HostError(error)
        }
    }

    /// Starts a host. When it returns, every listener serves, and what its chains open is being asked for.
    ///
    /// - Throws: what is wrong with the config, or what is in the way; nothing that was started is left.
    public static func start(_ configuration: HostConfiguration, logger: Logger) async throws(HostError) -> ChainHost {
        let loaded: LoadedChains
        do throws(ConfigError) {
            loaded = try LoadedChains(configuration)
        } catch {
            throw HostError(error)
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.threads ?? System.coreCount)
        do throws(HostError) {
            return try await start(loaded, configuration, group, logger)
        } catch {
            await group.end()
            throw error
        }
    }

    private static func start(
        _ loaded: LoadedChains, _ configuration: HostConfiguration, _ group: MultiThreadedEventLoopGroup, _ logger: Logger
    ) async throws(HostError) -> ChainHost {
        let made: ChainEngine
        do throws(ConfigError) {
            made = try ChainEngine(loaded, group: group, logger: logger)
        } catch {
            throw HostError(error)
        }
        let engine = made.engine
        if let error = await engine.start() {
            engine.discard()
            throw HostError(.unavailable, "cannot start \(error.description)")
        }
        let health = GRPCHealth()
        health.set(.serving, for: MethodPath.networkService)
        var monitors: [MonitorConnectionServer] = []
        let listeners = Listeners(group: group)
        var place: ControlPath.Choice?
        do throws(HostError) {
            let chosen = try ControlPath.choose(configuration)
            place = chosen
            let statusSource = StatusSource()
            let control = try await listeners.open(unix: chosen.path, methods: ControlService.methods(statusSource))
            for chain in loaded.file.chains {
                guard let linked = engine.chain(named: chain.name) else { continue }
                var methods = GRPCMethods()
                health.register(in: &methods)
                NetworkServiceServer(chain: linked, of: engine, loops: made.loops).register(in: &methods)
                if let feed = linked.monitor {
                    let monitor = MonitorConnectionServer(feed)
                    monitor.register(in: &methods)
                    monitors.append(monitor)
                }
                for listener in chain.listen { try await listeners.open(listener, chain: chain.name, methods: methods) }
            }
            let opened = OpenedConnections(loaded.file, made, logger: logger)
            let host = ChainHost(
                engine: engine, opened: opened, servers: listeners.opened, control: (chosen.path, control), health: health,
                monitors: monitors, group: group, loaded: loaded, logger: logger)
            statusSource.provide(
                { [engine, serving = host.serving, began = NIODeadline.now()] in
                    StatusReport(
                        configPath: Paths.absolute(configuration.configPath), began: began, serving: serving,
                        opened: opened.all.map(StatusReport.Opened.init), engine: engine.status())
                }, connections: { [engine] in engine.listConnections($0) })
            opened.begin()
            return host
        } catch {
            await listeners.closeAll()
            // A listener that had been opened may have let calls in.
            engine.abort()
            place?.discard()
            await engine.stop()
            throw error
        }
    }

    /// More of what elements have to say, or as configured.
    public func setVerbose(_ isVerbose: Bool) {
        engine.setLogLevel(isVerbose ? .trace : nil)
    }

    /// Waits until every connection that a chain opens is up. Called once.
    ///
    /// - Parameter progress: told now and then what is waited for, and why it is not up.
    /// - Returns: false: the host stops before that.
    public func waitUntilUp(_ progress: (String) -> Void) async -> Bool { await opened.waitUntilUp(progress) }

    /// Closes the connections that its chains have opened, stops accepting, lets calls in flight finish for at most `drainTimeout`, stops
    /// the elements tail to head. Called once.
    public func stop() async {
        health.shutdown()
        // Their way may lead through listeners of this very host.
        await opened.close()
        for monitor in monitors { monitor.shutdown() }
        let deadline = NIODeadline.now() + .nanoseconds(Int64(clamping: drainTimeout.nanoseconds))
        await withTaskGroup(of: Void.self) { tasks in
            for server in servers { tasks.addTask { try? await server.shutdown(deadline: deadline).get() } }
        }
        // Peers have been answered, or cut; calls below an anchor may still run.
        if await !engine.drained(by: deadline, on: group.next()) {
            let calls = engine.status().holdings.calls
            logger.warning("calls were still under way at the end of drainTimeout, and are cut", metadata: ["calls": "\(calls)"])
            engine.abort()
        }
        if await engine.drained(by: max(deadline, .now()) + ChainHost.patience, on: group.next()) {
            await engine.stop()
            _ = await engine.closedTransports(by: .now() + .seconds(1), on: group.next())
        } else {
            // Memory that an element may still touch is not taken away from it; the process ends anyway.
            logger.error("an element has not let go of its call; elements are not stopped")
        }
        try? await control.close().get()
        await group.end()
    }

    /// How long elements have to let go of their calls once nobody waits for them. Longer than the engine itself waits for one before
    /// it answers for it.
    private static let patience = TimeAmount.seconds(4)

    /// Cuts every connection and every call at once; makes a ``stop()`` that is under way come to its end.
    public func cut() {
        for server in servers { server.close() }
        engine.abort()
    }
}

extension MultiThreadedEventLoopGroup {
    /// Ends the loops; there is nothing to do about a failure.
    fileprivate func end() async {
        await withCheckedContinuation { continuation in
            shutdownGracefully { _ in continuation.resume() }
        }
    }
}

extension Engine {
    fileprivate func start() async -> CallError? {
        await withCheckedContinuation { continuation in
            start { continuation.resume(returning: $0) }
        }
    }

    fileprivate func stop() async {
        await withCheckedContinuation { continuation in
            stop { continuation.resume() }
        }
    }

    /// Waits for the last call from outside.
    ///
    /// - Returns: false when `deadline` came first.
    fileprivate func drained(by deadline: NIODeadline, on eventLoop: any EventLoop) async -> Bool {
        await told(by: deadline, on: eventLoop) { whenIdle($0) }
    }

    /// Waits until no transport is left; an element may have forgotten one.
    ///
    /// - Returns: false when `deadline` came first.
    fileprivate func closedTransports(by deadline: NIODeadline, on eventLoop: any EventLoop) async -> Bool {
        await told(by: deadline, on: eventLoop) { closeTransports($0) }
    }

    private func told(
        by deadline: NIODeadline, on eventLoop: any EventLoop, _ ask: (_ done: @escaping @Sendable () -> Void) -> Void
    ) async -> Bool {
        await withCheckedContinuation { continuation in
            let promise = eventLoop.makePromise(of: Bool.self)
            let answered = Mutex(false)
            let answer = { @Sendable (isDrained: Bool) in
                let isFirst = answered.withLock { answered in
                    defer { answered = true }
                    return !answered
                }
                if isFirst { promise.succeed(isDrained) }
            }
            let timer = eventLoop.scheduleTask(deadline: deadline) { answer(false) }
            ask { answer(true) }
            promise.futureResult.whenSuccess { isDrained in
                timer.cancel()
                continuation.resume(returning: isDrained)
            }
        }
    }
}
