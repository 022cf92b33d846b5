// SPDX-License-Identifier: Apache-2.0
// What a server may and may not do to the address it is given, above all to files it did not make.
import CatenaGRPC
import Foundation
import NIOCore
import Testing

@Suite("Listeners", .timeLimit(.minutes(3)))
struct ListenerTests {
    @Test("a Unix socket serves, and its file is gone afterwards")
    func unix() async throws {
        try await withFolder { folder in
            let address = GRPCAddress.unix(path: folder + "/s")
            try await withServer(.standard(), at: address) { server, client in
                #expect(server.address == address)
                #expect(await client.reply("/t/Echo", ByteBuffer(string: "x")).payload == ByteBuffer(string: "x"))
            }
            #expect(!FileManager.default.fileExists(atPath: folder + "/s"))
        }
    }

    @Test("a stale Unix socket is replaced")
    func stale() async throws {
        try await withFolder { folder in
            let path = folder + "/s"
            let descriptor = try bindUnixSocket(path)
            close(descriptor)
            #expect(FileManager.default.fileExists(atPath: path))
            try await withServer(.standard(), at: .unix(path: path)) { _, client in
                #expect(await client.reply("/t/Echo").code == .ok)
            }
        }
    }

    @Test("a live Unix socket is an error and goes on")
    func live() async throws {
        try await withFolder { folder in
            let address = GRPCAddress.unix(path: folder + "/s")
            try await withServer(.standard(), at: address) { _, client in
                let error = await bindError(.address(address))
                #expect(error?.code == .addressInUse)
                #expect(error?.errno == EADDRINUSE)
                #expect(error?.listener == .address(address))
                #expect(await client.reply("/t/Echo").code == .ok)
            }
        }
    }

    @Test("a file that is no socket is an error and stays")
    func file() async throws {
        try await withFolder { folder in
            let path = folder + "/s"
            try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
            #expect(await bindError(.address(.unix(path: path)))?.code == .notASocket)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
        }
    }

    @Test("a socket file that another server put there is not removed")
    func replaced() async throws {
        try await withFolder { folder in
            let path = folder + "/s"
            let first = try await GRPCServer.bind(.address(.unix(path: path)), methods: .standard(), group: group).get()
            try FileManager.default.moveItem(atPath: path, toPath: folder + "/moved")
            try await withServer(.standard(), at: .unix(path: path)) { _, client in
                try await first.close().get()
                let reply = await client.reply("/t/Echo")
                #expect(reply.error == nil)
            }
        }
    }

    @Test("a path too long for a Unix socket is an error that says so")
    func longPath() async {
        let error = await bindError(.address(.unix(path: "/tmp/" + String(repeating: "x", count: 200))))
        #expect(error?.code == .invalidAddress)
        #expect(error?.message == "the path has 205 bytes, a socket's may have 107")
    }

    @Test("a port in use is an error with address and errno")
    func portInUse() async throws {
        try await withServer(.standard()) { server, _ in
            let error = await bindError(.address(server.address))
            #expect(error?.code == .addressInUse)
            #expect(error?.errno == EADDRINUSE)
            #expect(error.map { "\($0)" } == "cannot listen on \(server.address): address already in use")
        }
    }

    @Test("an address that is not ours is an error of the system")
    func notOurs() async {
        #expect(await bindError(.address(.tcp(host: "192.0.2.1", port: 0)))?.errno == EADDRNOTAVAIL)
    }

    @Test("a descriptor that somebody else bound is served, and its file stays")
    func descriptor() async throws {
        try await withFolder { folder in
            let path = folder + "/s"
            let descriptor = try bindUnixSocket(path)
            #expect(listen(descriptor, 10) == 0)
            let server = try await GRPCServer.bind(.descriptor(descriptor), methods: .standard(), group: group).get()
            #expect(server.address == .unix(path: path))
            let client = GRPCClient(target: server.address, on: group.next())
            #expect(await client.reply("/t/Echo").code == .ok)
            try await client.shutdown().get()
            try await server.shutdown(deadline: .distantFuture).get()
            #expect(FileManager.default.fileExists(atPath: path))
        }
    }

    private func bindError(_ listener: GRPCListener) async -> GRPCBindError? {
        do {
            try await GRPCServer.bind(listener, methods: .standard(), group: group).get().close().get()
            return nil
        } catch {
            return error as? GRPCBindError
        }
    }

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("grpc-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    /// A bound stream socket, not listening.
    private func bindUnixSocket(_ path: String) throws -> CInt {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        try unsafe SocketAddress(unixDomainSocketPath: path).withSockAddr { address, size in
            let result = unsafe bind(descriptor, address, socklen_t(size))
            try #require(result == 0)
        }
        return descriptor
    }
}
