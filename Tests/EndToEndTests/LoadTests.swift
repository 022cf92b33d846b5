// SPDX-License-Identifier: Apache-2.0
// `catena load` against real hosts: what it says it did is what the host counted, and nothing of it stays behind.

import Foundation
import Testing

@EndToEnd
@Suite("catena load")
struct LoadTests {
    /// As much of `--json` as is looked at here.
    struct Report: Decodable {
        struct Calls: Decodable, Equatable {
            var ok: Int
            var failed: Int
        }

        struct Failure: Decodable {
            var part: String
            var name: String
            var count: Int
        }

        var interrupted: Bool
        var opened: Calls
        var requests: Calls
        var closed: Calls
        var requestsPerSecond: Double
        var latencyMicroseconds: [String: Double]
        var errors: [Failure]

        init(_ child: ChildProcess) throws {
            self = try JSONDecoder().decode(Report.self, from: Data(child.output.utf8))
        }
    }

    @Test("opens, refreshes and closes as many as it says, through a forwarder; the hosts have no connection left")
    func count() throws {
        try Workplace.with { place in
            // Nobody reads the host's log while the load runs: lines for each call would fill the pipe and stop it.
            let config = try Chains.shipped(endpoint: "tcp://127.0.0.1:0", forwarder: "tcp://127.0.0.1:0", clientURL: "inproc://endpoint")
                .replacingOccurrences(of: #"{ "element": "logging", "config": { "level": "info" } }"#, with: #""logging""#)
                .replacingOccurrences(of: #""logging""#, with: #"{ "element": "logging", "config": { "level": "error" } }"#)
            try RunningHost.with(config, in: place) { host in
                let load = try start(
                    try host.url(of: "forwarder"), "--connections", "30", "--concurrency", "7", "--requests", "500", "--transports", "2",
                    "--json", in: place)
                defer { load.end() }
                #expect(try load.awaitExit() == .status(0), "\(load.errors)")
                #expect(load.errors.isEmpty)
                let report = try Report(load)
                #expect(report.opened == .init(ok: 30, failed: 0))
                #expect(report.requests == .init(ok: 500, failed: 0))
                #expect(report.closed == .init(ok: 30, failed: 0))
                #expect(report.errors.isEmpty && !report.interrupted && report.requestsPerSecond > 0)
                #expect(report.latencyMicroseconds.keys.sorted() == ["max", "mean", "min", "p50", "p90", "p99", "p99.9"])
                let status = try host.status()
                for name in ["forwarder", "endpoint"] {
                    let chain = try #require(status.chain(name))
                    #expect(chain.requests == .init(ok: 530, failed: 0))
                    #expect(chain.closes == .init(ok: 30, failed: 0))
                    #expect(chain.connections == 0)
                }
                #expect(status.engine.holdings.connections == 0 && status.engine.holdings.legs == 0)
            }
        }
    }

    @Test("prints a report for people, also of a load over a Unix socket")
    func text() throws {
        try onEndpoint(listen: "unix:///endpoint.socket") { host, place in
            let load = try start(try host.url(of: "chain"), "--duration", "200ms", in: place)
            defer { load.end() }
            #expect(try load.awaitExit() == .status(0), "\(load.errors)")
            #expect(load.output.hasPrefix("unix://\(place.file("endpoint.socket")): 10 connections, 10 calls in flight, 1 transport\n"))
            #expect(load.output.contains("\n  latency   p50 ") && load.output.hasSuffix("\n  errors    none\n"), "\(load.output)")
        }
    }

    @Test("ends early on SIGINT or SIGTERM, closes its connections and reports", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: CInt) throws {
        try onEndpoint { host, place in
            let load = try start(try host.url(of: "chain"), "--connections", "50", "--duration", "1h", "--json", "--progress", in: place)
            defer { load.end() }
            try load.awaitError(" requests, ")
            load.signal(signal)
            #expect(try load.awaitExit() == .status(0), "\(load.errors)")
            #expect(load.errors.contains("catena: ending; "))
            let report = try Report(load)
            #expect(report.interrupted && report.requests.ok > 0 && report.closed == .init(ok: 50, failed: 0))
            #expect(try host.status().chain("chain")?.connections == 0)
        }
    }

    @Test("ends at once on a second SIGINT, even if no answer ever comes")
    func interruptedTwice() throws {
        try onEndpoint { host, place in
            let load = try start(try host.url(of: "chain"), "--duration", "1h", "--progress", in: place)
            defer { load.end() }
            try load.awaitError(" requests, ")
            host.process.signal(SIGSTOP)
            load.signal(SIGINT)
            try load.awaitError("catena: ending; ")
            load.signal(SIGINT)
            #expect(try load.awaitExit() == .signal(SIGINT))
            #expect(load.errors.hasSuffix("catena: ended at once; connections may be left open\n"), "\(load.errors)")
            #expect(load.output.isEmpty)
        }
    }

    @Test("ends early while it connects, too")
    func interruptedConnecting() throws {
        let silent = try #require(Listening(port: 0))
        defer { silent.close() }
        try Workplace.with { place in
            let load = try start("tcp://127.0.0.1:\(silent.port)", "--json", "--progress", in: place)
            defer { load.end() }
            try load.awaitError("connections opened: 0")
            load.signal(SIGINT)
            #expect(try load.awaitExit() == .status(0), "\(load.errors)")
            #expect(load.output.contains("\"interrupted\" : true"), "\(load.output)")
        }
    }

    @Test("counts UNAVAILABLE and ends with status 1 when the server is killed on the way")
    func killed() throws {
        try onEndpoint { host, place in
            let load = try start(try host.url(of: "chain"), "--duration", "3s", "--json", "--progress", in: place)
            defer { load.end() }
            try load.awaitError(" requests, ")
            host.process.signal(SIGKILL)
            #expect(try load.awaitExit() == .status(1))
            let report = try Report(load)
            #expect(report.requests.ok > 0 && report.requests.failed > 0 && report.closed == .init(ok: 0, failed: 10))
            #expect(Set(report.errors.map(\.name)) == ["UNAVAILABLE"], "\(load.output)")
            #expect(report.errors.reduce(0) { $0 + $1.count } == report.requests.failed + 10)
            #expect(!report.interrupted)
        }
    }

    @Test("ends with status 1 and the reason when there is no server")
    func noServer() throws {
        try Workplace.with { place in
            let load = try start("tcp://127.0.0.1:\(try Sockets.freePort())", in: place)
            defer { load.end() }
            #expect(try load.awaitExit() == .status(1))
            #expect(load.errors.hasPrefix("catena: error: UNAVAILABLE: "), "\(load.errors)")
            #expect(load.output.isEmpty)
        }
    }

    private func start(_ url: String, _ arguments: String..., in place: Workplace) throws -> ChildProcess {
        try Catena.start(["load", "--url", url] + arguments, in: place)
    }

    /// A host with one chain that keeps connections. A socket's path is taken to be in the workplace.
    private func onEndpoint(listen: String = "tcp://127.0.0.1:0", _ body: (RunningHost, Workplace) throws -> Void) throws {
        try Workplace.with { place in
            let listen = listen.replacingOccurrences(of: "unix://", with: "unix://\(place.path)")
            let config = Chains.chain(listen: listen, Chains.updatepath("chain"), "\"serialize\"")
            try RunningHost.with(config, in: place) { try body($0, place) }
        }
    }
}
