// SPDX-License-Identifier: Apache-2.0
// The main job, from outside: a Request travels through a forwarder to an endpoint and back, whatever the two speak over.

import Testing

@EndToEnd
@Suite("a Request through the forwarder and the endpoint")
struct RequestTests {
    /// What the forwarder and the endpoint speak over.
    enum Route: CaseIterable, Sendable { case tcp, unix, inproc }

    @Test("has the path client, forwarder, endpoint; a refresh keeps its ids; a Close closes it at both", arguments: Route.allCases)
    func life(over route: Route) throws {
        try Workplace.with { place in
            try host(route, in: place) { host in
                let url = try host.url(of: "forwarder")
                let connection = try Catena.request(url, in: place, id: "life")
                #expect(connection.id == "life")
                #expect(connection.names == ["client", "forwarder", "endpoint"])
                #expect(connection.ids.first == "life")
                #expect(Set(connection.ids).count == 3)

                let refreshed = try Catena.request(url, in: place, refreshing: "connection.json", to: "refreshed.json")
                #expect(refreshed.id == "life")
                #expect(refreshed.path == connection.path)
                for chain in ["forwarder", "endpoint"] {
                    let chain = try #require(try host.status().chain(chain))
                    #expect(chain.connections == 1)
                    #expect(chain.requests == .init(ok: 2, failed: 0))
                    #expect(chain.closes == .init(ok: 0, failed: 0))
                }

                let closed = try Catena.run("close", "--url", url, "refreshed.json", in: place)
                #expect(closed.exit == .status(0), "\(closed.errors)")
                #expect(closed.errors == "catena: closed life\n")
                for chain in ["forwarder", "endpoint"] {
                    let chain = try #require(try host.status().chain(chain))
                    #expect(chain.connections == 0)
                    #expect(chain.closes == .init(ok: 1, failed: 0))
                }
                #expect(try host.status().engine.holdings.calls == 0)
            }
        }
    }

    @Test("with another id is another connection, and outlives the Close of the first")
    func independence() throws {
        try Workplace.with { place in
            try host(.inproc, in: place) { host in
                let url = try host.url(of: "forwarder")
                let first = try Catena.request(url, in: place, id: "one", to: "one.json")
                let second = try Catena.request(url, in: place, id: "two", to: "two.json")
                #expect(Set(first.ids).isDisjoint(with: second.ids))
                #expect(try host.status().engine.chains.compactMap(\.connections) == [2, 2])

                #expect(try Catena.run("close", "--url", url, "one.json", in: place).exit == .status(0))
                #expect(try host.status().engine.chains.compactMap(\.connections) == [1, 1])
                let refreshed = try Catena.request(url, in: place, refreshing: "two.json", to: "two.json")
                #expect(refreshed.path == second.path)
                #expect(try host.status().engine.chains.compactMap(\.connections) == [1, 1])
            }
        }
    }

    @Test("may arrive over a Unix socket")
    func overUnixSocket() throws {
        try Workplace.with { place in
            let config = try Chains.shipped(
                endpoint: "unix://\(place.file("endpoint.socket"))", forwarder: "unix://\(place.file("forwarder.socket"))",
                clientURL: "unix://\(place.file("endpoint.socket"))")
            try RunningHost.with(config, in: place) { host in
                #expect(host.urls(of: "forwarder") == ["unix://\(place.file("forwarder.socket"))"])
                let connection = try Catena.request(try host.url(of: "forwarder"), in: place)
                #expect(connection.names == ["client", "forwarder", "endpoint"])
            }
        }
    }

    @Test("that takes longer than --timeout ends with DEADLINE_EXCEEDED and status 1")
    func deadline() throws {
        let silent = try #require(Listening(port: 0))
        defer { silent.close() }
        try Workplace.with { place in
            let started = ContinuousClock.now
            let result = try Catena.run(
                "request", "--url", "tcp://127.0.0.1:\(silent.port)", "--service", "icmp", "--timeout", "300ms", in: place)
            #expect(result.exit == .status(1))
            #expect(result.errors.hasPrefix("catena: error: DEADLINE_EXCEEDED"), "\(result.errors)")
            #expect(result.output.isEmpty)
            #expect(ContinuousClock.now - started >= .milliseconds(300))
        }
    }

    /// The shipped chains in one host.
    private func host(_ route: Route, in place: Workplace, _ body: (RunningHost) throws -> Void) throws {
        let endpoint =
            switch route {
            case .tcp: "tcp://127.0.0.1:\(try Sockets.freePort())"
            case .unix: "unix://\(place.file("endpoint.socket"))"
            case .inproc: "tcp://127.0.0.1:0"
            }
        let config = try Chains.shipped(
            endpoint: endpoint, forwarder: "tcp://127.0.0.1:0", clientURL: route == .inproc ? "inproc://endpoint" : endpoint)
        try RunningHost.with(config, in: place, body)
    }
}
