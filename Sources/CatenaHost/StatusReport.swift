// SPDX-License-Identifier: Apache-2.0
// What `catena status` shows, as data: the host answers with it over its control socket, and the command prints it.

public import CatenaChain
internal import Glibc
internal import NIOCore
internal import Synchronization

/// What a host says about itself.
public struct StatusReport: Codable, Sendable, Equatable {
    public struct Listener: Codable, Sendable, Equatable {
        public var chain: String
        public var url: String
    }

    public var version: String
    public var pid: Int
    /// Since the listeners served.
    public var uptimeSeconds: Double
    public var config: String
    public var listeners: [Listener]
    /// What chains in the client role open, in the order of the config.
    public var opened: [Opened]
    public var engine: EngineStatus
    public var process: ProcessUsage

    init(configPath: String, began: NIODeadline, serving: [ChainHost.Serving], opened: [Opened] = [], engine: EngineStatus) {
        version = CatenaVersion.current
        pid = Int(getpid())
        uptimeSeconds = Double((NIODeadline.now() - began).nanoseconds / 1_000_000) / 1000
        config = configPath
        listeners = serving.map { Listener(chain: $0.chain, url: $0.url) }
        self.opened = opened
        self.engine = engine
        process = ProcessUsage()
    }
}

/// Gives the control socket what it is asked for: the socket is opened before there is anything.
final class StatusSource: Sendable {
    private struct Providers: Sendable {
        let report: @Sendable () -> StatusReport
        let connections: @Sendable (@escaping @Sendable ([ConnectionStatus]) -> Void) -> Void
    }

    private let providers = Mutex<Providers?>(nil)

    /// - Parameter connections: calls what it is given, once, from any thread.
    func provide(
        _ report: @escaping @Sendable () -> StatusReport,
        connections: @escaping @Sendable (@escaping @Sendable ([ConnectionStatus]) -> Void) -> Void
    ) {
        providers.withLock { $0 = Providers(report: report, connections: connections) }
    }

    func report() -> StatusReport? {
        providers.withLock { $0 }?.report()
    }

    /// - Returns: false: there is nothing yet, and `done` will not come.
    func connections(_ done: @escaping @Sendable ([ConnectionStatus]) -> Void) -> Bool {
        guard let providers = providers.withLock({ $0 }) else { return false }
        providers.connections(done)
        return true
    }
}

/// This program's version.
public enum CatenaVersion {
    public static let current = "0.1.0"
}
