// SPDX-License-Identifier: Apache-2.0
// The sockets of a host while it starts. The commonest thing in the way is another process at the same address, so the error
// names it when it can be seen.

internal import CatenaConfig
internal import CatenaGRPC
internal import NIOCore

/// Opens listeners one after another, and closes them all when one fails.
final class Listeners {
    private let group: any EventLoopGroup
    /// Those of chains, in the order of the config.
    private(set) var opened: [(chain: String, server: GRPCServer)] = []
    private var all: [GRPCServer] = []

    init(group: any EventLoopGroup) {
        self.group = group
    }

    /// A listener of a chain.
    func open(_ listener: Listener, chain: String, methods: GRPCMethods) async throws(HostError) {
        guard let address = GRPCAddress(listener.url) else { return }
        switch await bind(address, methods) {
        case .success(let server):
            opened.append((chain, server))
        case .failure(let failure):
            let message = "cannot listen on \(listener.url): \(failure.reason)"
            throw HostError(.unavailable, [listener.place.diagnostic(message: message)])
        }
    }

    /// The control socket.
    func open(unix path: String, methods: GRPCMethods) async throws(HostError) -> GRPCServer {
        switch await bind(.unix(path: path), methods) {
        case .success(let server):
            return server
        case .failure(let failure):
            let advice = failure.isInUse ? "; give this host another control socket with --control" : ""
            throw HostError(.unavailable, "cannot open the control socket \(path): \(failure.reason)\(advice)")
        }
    }

    func closeAll() async {
        for server in all { try? await server.close().get() }
    }

    private struct Failure: Error {
        let reason: String
        let isInUse: Bool
    }

    private func bind(_ address: GRPCAddress, _ methods: GRPCMethods) async -> Result<GRPCServer, Failure> {
        do {
            let server = try await GRPCServer.bind(.address(address), methods: methods, group: group).get()
            all.append(server)
            return .success(server)
        } catch {
            guard let error = error as? GRPCBindError else { return .failure(Failure(reason: "\(error)", isInUse: false)) }
            let isInUse = error.code == .addressInUse
            let holder = isInUse ? SocketHolder.find(address).map { " (process \($0.pid), \($0.name))" } : nil
            var obstacle: String?
            if error.code == .system, case .unix(let path) = address { obstacle = SocketPlace.obstacle(at: path) }
            return .failure(Failure(reason: (obstacle ?? error.message) + (holder ?? ""), isInUse: isInUse))
        }
    }
}

extension GRPCAddress {
    /// The address of a listener; nil for `inproc`, which has none.
    init?(_ url: EndpointURL) {
        switch url {
        case .tcp(let host, let port): self = .tcp(host: host, port: Int(port))
        case .unix(let path): self = .unix(path: path)
        case .inproc: return nil
        }
    }
}
