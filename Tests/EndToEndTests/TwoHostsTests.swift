// SPDX-License-Identifier: Apache-2.0
// Examples/two-hosts, and what its README promises: a forwarder outlives its next hop.

import Foundation
import Testing

@EndToEnd
@Suite("the two hosts of Examples/two-hosts")
struct TwoHostsTests {
    @Test("serve a Request together")
    func request() throws {
        try Workplace.with { place in
            try hosts(in: place) { endpoint, forwarder, _ in
                let connection = try Catena.request(try forwarder.url(of: "forwarder"), in: place)
                #expect(connection.names == ["client", "forwarder", "endpoint"])
                #expect(try endpoint.status().chain("endpoint")?.connections == 1)
                #expect(try forwarder.status().chain("forwarder")?.connections == 1)
            }
        }
    }

    @Test("when the endpoint's is killed, callers get UNAVAILABLE with element and URL; started again, it serves the next Request")
    func nextHopKilled() throws {
        try Workplace.with { place in
            try hosts(in: place) { endpoint, forwarder, port in
                let url = try forwarder.url(of: "forwarder")
                _ = try Catena.request(url, in: place, id: "before")
                endpoint.process.signal(SIGKILL)
                #expect(try endpoint.process.awaitExit() == .signal(SIGKILL))

                let head = "catena: error: UNAVAILABLE: forwarder/connect: tcp://127.0.0.1:\(port): "
                // The first may meet the end of the old transport, the second a refused connection.
                for id in ["first", "second"] {
                    let failed = try Catena.run("request", "--url", url, "--service", "icmp", "--id", id, in: place)
                    #expect(failed.exit == .status(1))
                    #expect(failed.errors.hasPrefix(head), "\(failed.errors)")
                    #expect(failed.output.isEmpty)
                }
                #expect(try forwarder.status().chain("forwarder")?.connections == 1)

                try RunningHost.with(try Chains.twoHosts("endpoint", endpointPort: port), in: place, name: "endpoint") { endpoint in
                    let connection = try afterBackoff { try Catena.request(url, in: place, id: "after", to: "after.json") }
                    #expect(connection.names == ["client", "forwarder", "endpoint"])
                    let refreshed = try Catena.request(url, in: place, refreshing: "connection.json", to: "before.json")
                    #expect(refreshed.id == "before")
                    #expect(try endpoint.status().chain("endpoint")?.connections == 2)

                    for file in ["after.json", "before.json"] {
                        let closed = try Catena.run("close", "--url", url, file, in: place)
                        #expect(closed.exit == .status(0), "\(closed.errors)")
                    }
                    #expect(try endpoint.status().chain("endpoint")?.connections == 0)
                    #expect(try forwarder.status().chain("forwarder")?.connections == 0)
                }
            }
        }
    }

    @Test("what the endpoint's host had is asked for again when that comes back, once, and whoever listens sees it go and come")
    func healed() throws {
        try Workplace.with { place in
            try hosts(in: place) { endpoint, forwarder, port in
                let url = try forwarder.url(of: "forwarder")
                let connection = try Catena.request(url, in: place, id: "mine")
                let monitor = try Catena.start(["monitor", "--url", url], in: place)
                defer { monitor.end() }
                let id = connection.ids[1]
                try monitor.awaitOutput("  \(id)  UP  icmp  client>forwarder>endpoint\n")
                endpoint.process.signal(SIGKILL)
                try monitor.awaitOutput("  UPDATE  \(id)  DOWN  icmp  client>forwarder>endpoint\n")

                try RunningHost.with(try Chains.twoHosts("endpoint", endpointPort: port), in: place, name: "endpoint") { endpoint in
                    try monitor.awaitOutput("  UPDATE  \(id)  UP  icmp  client>forwarder>endpoint\n")
                    let chain = try #require(try endpoint.status().chain("endpoint"))
                    #expect(chain.connections == 1 && chain.requests == .init(ok: 1, failed: 0))
                    let closed = try Catena.run("close", "--url", url, "connection.json", in: place)
                    #expect(closed.exit == .status(0), "\(closed.errors)")
                    #expect(try endpoint.status().chain("endpoint")?.connections == 0)
                    #expect(try forwarder.status().engine.holdings.connections == 0)
                }
            }
        }
    }

    /// A next hop that refused is not dialled again at once: until then each Request is answered with that refusal, which says so.
    private func afterBackoff<Result>(_ request: () throws -> Result) throws -> Result {
        for _ in 0..<100 {
            do {
                return try request()
            } catch where "\(error)".contains("the next attempt can be made in") {
                continue
            }
        }
        return try request()
    }

    private func hosts(
        in place: Workplace, _ body: (_ endpoint: RunningHost, _ forwarder: RunningHost, _ port: UInt16) throws -> Void
    ) throws {
        let port = try Sockets.freePort()
        try RunningHost.with(try Chains.twoHosts("endpoint", endpointPort: port), in: place, name: "endpoint") { endpoint in
            try RunningHost.with(try Chains.twoHosts("forwarder", endpointPort: port), in: place, name: "forwarder") { forwarder in
                try body(endpoint, forwarder, port)
            }
        }
    }
}
