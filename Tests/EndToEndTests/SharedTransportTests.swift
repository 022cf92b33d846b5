// SPDX-License-Identifier: Apache-2.0
// A thousand connections of one host to one next hop, counted where only the kernel can be wrong: in its table of TCP connections.

import CatenaGRPC
import CatenaNSM
import Foundation
import NIOPosix
import Testing

@EndToEnd
@Suite("transports are shared")
struct SharedTransportTests {
    private static let count = 1_000

    @Test("a thousand connections to one URL are one TCP connection at the next hop; when all are closed there is none, on either side")
    func thousand() async throws {
        let place = try Workplace()
        defer { place.remove() }
        let endpoint = try RunningHost.start(
            Chains.chain(Chains.updatepath("endpoint"), "\"serialize\""), in: place, name: "endpoint")
        defer { endpoint.process.end() }
        let url = try endpoint.url(of: "chain"), port = try #require(url.split(separator: ":").last.flatMap { UInt16($0) })
        let forwarder = try RunningHost.start(Self.forwarder(to: url, in: place), in: place, name: "forwarder")
        defer { forwarder.process.end() }
        let client = GRPCClient(target: .unix(path: place.file("in.sock")), on: MultiThreadedEventLoopGroup.singleton.any())

        var open: [Message] = []
        for number in 0..<Self.count {
            let request = Message()
            try request.set(.id, to: "c\(number)")
            try request.setSegment(0, to: PathSegment(name: "client", id: "c\(number)"))
            open.append(try Message(connection: try await client.answer(MethodPath.request, request.requestBytes)))
        }
        let shared = try Self.tcp(port)
        #expect(shared == TCPCount(accepted: 1, begun: 1))
        #expect(try forwarder.status().engine.holdings.legs == Self.count && forwarder.status().engine.holdings.transports == 1)
        for connection in open { _ = try await client.answer(MethodPath.close, connection.connectionBytes) }
        var left = try Self.tcp(port)
        // A socket closes a moment after its last user has gone, and nothing tells when.
        for _ in 0..<100 where left != TCPCount() {
            try await Task.sleep(for: .milliseconds(50))
            left = try Self.tcp(port)
        }
        #expect(left == TCPCount())
        #expect(try forwarder.status().engine.holdings == .init() && endpoint.status().engine.holdings == .init())
        client.shutdown()
        #expect(try forwarder.stop() == .status(0) && endpoint.stop() == .status(0))
    }

    private static func forwarder(to url: String, in place: Workplace) -> String {
        """
        {
          "chains": {
            "forwarder": {
              "listen": ["unix://\(place.file("in.sock"))"],
              "elements": [
                \(Chains.updatepath("forwarder")), "serialize",
                { "element": "clienturl", "config": { "url": "\(url)" } },
                { "element": "connect", "config": { "client": "next" } }
              ]
            },
            "next": { "elements": [] }
          }
        }

        """
    }

    private struct TCPCount: Equatable {
        /// Established at the port's server.
        var accepted = 0
        /// Established at those who connected to it.
        var begun = 0
    }

    /// From the kernel's table: addresses are in hexadecimal, and 01 is ESTABLISHED.
    private static func tcp(_ port: UInt16) throws -> TCPCount {
        // To its end: a file of the kernel says that it is empty, and is read for one page only by those who believe it.
        let bytes = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/net/tcp")).readToEnd() ?? Data()
        let table = String(decoding: bytes, as: UTF8.self)
        let end = ":" + String(port, radix: 16, uppercase: true).leftPadded(to: 4)
        var count = TCPCount()
        for line in table.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: " ")
            guard fields.count > 3, fields[3] == "01" else { continue }
            if fields[1].hasSuffix(end) { count.accepted += 1 }
            if fields[2].hasSuffix(end) { count.begun += 1 }
        }
        return count
    }
}

extension String {
    fileprivate func leftPadded(to count: Int) -> String { String(repeating: "0", count: max(0, count - self.count)) + self }
}
