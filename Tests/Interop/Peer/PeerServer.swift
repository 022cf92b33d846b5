// SPDX-License-Identifier: Apache-2.0
// The life of the server under test: it listens on a socket of its own that every server it makes takes over, so that one can follow
// another without a moment in which nobody listens.

import CatenaGRPC
import Glibc
import NIOCore
import NIOPosix

final class PeerServer {
    private let settings: PeerSettings
    private let group: MultiThreadedEventLoopGroup
    private let counters = PeerCounters()
    private let methods: GRPCMethods
    private let socket: CInt

    init(_ settings: PeerSettings, group: MultiThreadedEventLoopGroup) throws {
        self.settings = settings
        self.group = group
        socket = try Self.listen(port: settings.port ?? 0)
        var methods = GRPCMethods()
        PeerMethods(counters: counters).register(in: &methods)
        PeerStreams(counters: counters).register(in: &methods)
        self.methods = methods
    }

    /// Serves until the input ends.
    func run() async throws {
        var server = try await bind()
        guard case .tcp(_, let port) = server.address else { return }
        Lines.write(Answer(port: port))
        while let command = try Lines.read() {
            switch command.command {
            case "counters": Lines.write(Answer(id: command.id, counters: counters.all))
            case "renew":
                let old = server
                server = try await bind()
                end(old, command)
            case "drain":
                // The last one: nobody listens after it.
                close(socket)
                end(server, command)
            default: Lines.write(Answer(id: command.id, message: "unknown command"))
            }
        }
    }

    private func bind() async throws -> GRPCServer {
        try await GRPCServer.bind(.descriptor(dup(socket)), methods: methods, configuration: settings.server, group: group).get()
    }

    private func end(_ server: GRPCServer, _ command: Command) {
        let began = NIODeadline.now()
        server.shutdown(deadline: began + .milliseconds(Int64(command.timeout ?? 10_000))).whenComplete { _ in
            Lines.write(Answer(id: command.id, took: (NIODeadline.now() - began).milliseconds))
        }
    }

    private static func listen(port: Int) throws -> CInt {
        let descriptor = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var yes: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let bound = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, Glibc.listen(descriptor, 4096) == 0 else { throw PeerError("cannot listen on port \(port): errno \(errno)") }
        return descriptor
    }
}

/// A sentence for whoever drives the peer.
struct PeerError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension TimeAmount {
    var milliseconds: Double { Double(nanoseconds) / 1e6 }
}
