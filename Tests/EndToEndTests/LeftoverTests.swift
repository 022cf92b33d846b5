// SPDX-License-Identifier: Apache-2.0
// Ten thousand connections through two chains and a socket between them, and then nothing is left of any: asked of the same
// figures that `catena status` shows.

import CatenaABI
import CatenaGRPC
import CatenaNSM
import NIOCore
import NIOPosix
import Testing

@EndToEnd
@Suite("what connections leave behind")
struct LeftoverTests: Sendable {
    private static let connections = 10_000
    /// Calls that wait for their answers at a time: fewer than a server takes on one HTTP/2 connection.
    private static let inFlight = 64

    @Test("10,000 connections opened, refreshed and closed leave nothing: no slot, transport, descriptor or thread")
    func nothing() async throws {
        let place = try Workplace()
        defer { place.remove() }
        let host = try RunningHost.start(Self.config(in: place), in: place)
        defer { host.process.end() }
        let group = MultiThreadedEventLoopGroup.singleton
        let client = GRPCClient(target: .unix(path: place.file("forwarder.sock")), on: group.any())

        // One of them, so that whatever is made once is there.
        try await Self.live(0..<1, client)
        let before = try await host.idleStatus()
        #expect(before.engine.holdings == .init())

        try await Self.live(1..<Self.connections + 1, client)
        let after = try await host.idleStatus(noMoreThan: before.process)
        #expect(after.engine.holdings == .init())
        // A thread of the start may have ended meanwhile.
        #expect(after.process.isNoMore(than: before.process), "\(after.process), before \(before.process)")
        let forwarder = try #require(after.chain("forwarder"))
        #expect(forwarder.requests == .init(ok: 2 * (Self.connections + 1), failed: 0))
        #expect(forwarder.closes == .init(ok: Self.connections + 1, failed: 0))
        #expect(after.chain("endpoint")?.requests == forwarder.requests)
        #expect(after.chain("endpoint")?.closes == forwarder.closes)
        client.shutdown()
        #expect(try host.stop() == .status(0))
    }

    /// The shipped chains without logging: nobody reads the log of a host here.
    private static func config(in place: Workplace) -> String {
        """
        {
          "chains": {
            "endpoint": {
              "listen": ["unix://\(place.file("endpoint.sock"))"],
              "elements": [\(Chains.updatepath("endpoint")), "serialize"]
            },
            "forwarder": {
              "listen": ["unix://\(place.file("forwarder.sock"))"],
              "elements": [
                \(Chains.updatepath("forwarder")), "serialize",
                { "element": "clienturl", "config": { "url": "unix://\(place.file("endpoint.sock"))" } },
                { "element": "connect", "config": { "client": "next" } }
              ]
            },
            "next": { "elements": [] }
          }
        }

        """
    }

    /// Opens, refreshes and closes connections, some at a time.
    private static func live(_ numbers: Range<Int>, _ client: GRPCClient) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for (index, number) in numbers.enumerated() {
                if index >= inFlight { try await tasks.next() }
                tasks.addTask {
                    let request = Message()
                    try request.set(.id, to: "c\(number)")
                    try request.setSegment(0, to: PathSegment(name: "client", id: "c\(number)"))
                    let opened = try await client.answer(MethodPath.request, request.requestBytes)
                    let again = try Message(connection: opened)
                    try again.setNumber(.pathIndex, to: 0)
                    let refreshed = try await client.answer(MethodPath.request, again.requestBytes)
                    let last = try Message(connection: refreshed)
                    try last.setNumber(.pathIndex, to: 0)
                    _ = try await client.answer(MethodPath.close, last.connectionBytes)
                }
            }
            try await tasks.waitForAll()
        }
    }
}

extension RunningHost {
    /// The status once nothing is under way or held, or the last one seen after many tries: a transport that nobody holds closes its socket
    /// a moment later, and nothing tells when.
    fileprivate func idleStatus(noMoreThan process: StatusJSON.Process? = nil) async throws -> StatusJSON {
        var status = try self.status()
        for _ in 0..<50 {
            if status.engine.holdings == .init(), process.map({ status.process.isNoMore(than: $0) }) ?? true { break }
            try await Task.sleep(for: .milliseconds(50))
            status = try self.status()
        }
        return status
    }
}

extension StatusJSON.Process {
    fileprivate func isNoMore(than other: Self) -> Bool { threads <= other.threads && descriptors <= other.descriptors }
}
