// SPDX-License-Identifier: Apache-2.0
// Where a host finds things and where it is found: rules that a user meets before anything runs.

@testable import CatenaHost
import CatenaGRPC
import Foundation
import NIOCore
import NIOPosix
import Testing

@Suite("places of a host")
struct PlacesTests {
    private let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/catena-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func configuration(_ environment: [String: String] = [:], folder: String? = nil) -> HostConfiguration {
        HostConfiguration(configPath: "\(folder ?? self.folder)/chains.json", environment: environment)
    }

    @Test("the control socket stands beside the config, in a folder that only its owner may enter")
    func besideConfig() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let made = try ControlPath.choose(configuration())
        #expect(made == ControlPath.Choice(path: "\(folder)/.catena/control.sock", madeFolder: "\(folder)/.catena"))
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/.catena")
        #expect(attributes[.posixPermissions] as? Int == 0o700)
    }

    @Test("a host that did not start takes its folder back, one that was there or is in use stays")
    func discard() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try ControlPath.choose(configuration())
        let second = try ControlPath.choose(configuration())
        #expect(second.madeFolder == nil)
        second.discard()
        #expect(FileManager.default.fileExists(atPath: "\(folder)/.catena"))
        try Data().write(to: URL(filePath: first.path))
        first.discard()
        #expect(FileManager.default.fileExists(atPath: "\(folder)/.catena"))
        try FileManager.default.removeItem(atPath: first.path)
        first.discard()
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/.catena"))
    }

    @Test("a path too long for a socket makes the run folder the place")
    func tooLong() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let deep = folder + "/" + String(repeating: "x", count: 100)
        let environment = ["XDG_RUNTIME_DIR": folder]
        #expect(try ControlPath.choose(configuration(environment, folder: deep)).path == "\(folder)/catena/control.sock")
        #expect(throws: HostError.self) { try ControlPath.choose(configuration(folder: deep)) }
    }

    @Test("a command looks where the host would listen")
    func find() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(ControlPath.find(configuration()) == "\(folder)/.catena/control.sock")
        var named = configuration()
        named.controlPath = "/run/x.sock"
        #expect(ControlPath.find(named) == "/run/x.sock")
    }

    @Test("the process that listens at an address is found, over TCP and on a Unix socket")
    func holder() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let group = MultiThreadedEventLoopGroup.singleton
        for address in [GRPCAddress.tcp(host: "127.0.0.1", port: 0), .unix(path: "\(folder)/s.sock")] {
            let server = try await GRPCServer.bind(.address(address), methods: GRPCMethods(), group: group).get()
            #expect(SocketHolder.find(server.address)?.pid == Int(getpid()))
            try await server.close().get()
            #expect(SocketHolder.find(server.address) == nil)
        }
    }
}
