// SPDX-License-Identifier: Apache-2.0
// What an operator can say to a host with kill(1). The next hop is held with SIGSTOP where a call must be in flight, so that
// no test depends on who is faster.

import Foundation
import ModuleTestSupport
import Testing

@EndToEnd
@Suite("a signal")
struct SignalTests {
    @Test("SIGTERM or SIGINT stops an idle host: status 0, \"stopped\", no socket file left", arguments: [SIGTERM, SIGINT])
    func stop(signal: CInt) throws {
        try Workplace.with { place in
            let config = Chains.chain(
                listen: "unix://\(place.file("chain.socket"))", Chains.updatepath("chain"), "\"serialize\"")
            try RunningHost.with(config, in: place) { host in
                _ = try Catena.request(try host.url(of: "chain"), in: place)
                #expect(place.exists("chain.socket"))
                #expect(place.exists("chains.sock"))
                host.process.signal(signal)
                #expect(try host.process.awaitExit() == .status(0))
                #expect(host.process.errors.hasSuffix("catena: stopping\ncatena: stopped\n"), "\(host.process.errors)")
                #expect(!place.exists("chain.socket"))
                #expect(!place.exists("chains.sock"))
            }
        }
    }

    @Test("SIGTERM lets a call in flight finish, and turns new ones away")
    func drain() throws {
        try callInFlight { forwarder, endpoint, request, place in
            let url = try forwarder.url(of: "forwarder")
            forwarder.process.signal(SIGTERM)
            try forwarder.process.awaitError("catena: stopping")
            let late = try Catena.run("request", "--url", url, "--service", "icmp", in: place)
            #expect(late.exit == .status(1))
            #expect(late.errors.hasPrefix("catena: error: UNAVAILABLE"), "\(late.errors)")

            endpoint.process.signal(SIGCONT)
            #expect(try request.awaitExit() == .status(0), "\(request.errors)")
            #expect(request.output.contains("\"name\" : \"endpoint\""))
            #expect(try forwarder.process.awaitExit() == .status(0))
            #expect(forwarder.process.errors.hasSuffix("catena: stopped\n"))
        }
    }

    @Test("SIGTERM waits for calls in flight no longer than drainTimeout")
    func drainLimit() throws {
        try callInFlight(drainTimeout: "500ms") { forwarder, _, request, _ in
            let began = ContinuousClock.now
            let exit = try forwarder.stop()
            let took = ContinuousClock.now - began
            #expect(exit == .status(0))
            #expect(took >= .milliseconds(500))
            #expect(took < .seconds(10))
            #expect(forwarder.process.errors.hasSuffix("catena: stopped\n"), "\(forwarder.process.errors)")
            #expect(try request.awaitExit() == .status(1))
            #expect(request.errors.hasPrefix("catena: error: "), "\(request.errors)")
        }
    }

    @Test("a second SIGINT cuts what is in flight")
    func cut() throws {
        try callInFlight { forwarder, _, request, _ in
            let began = ContinuousClock.now
            forwarder.process.signal(SIGINT)
            try forwarder.process.awaitError("catena: stopping\n")
            forwarder.process.signal(SIGINT)
            #expect(try forwarder.process.awaitExit() == .status(0))
            #expect(ContinuousClock.now - began < .seconds(10))
            #expect(forwarder.process.errors.contains("catena: stopping at once\n"))
            #expect(try request.awaitExit() == .status(1))
        }
    }

    @Test("SIGUSR1 makes every element say all it has, SIGUSR2 puts that back")
    func verbosity() throws {
        try Workplace.with { place in
            let config = Chains.chain(
                #"{ "element": "logging", "config": { "level": "error" } }"#, Chains.updatepath("chain"), "\"serialize\"")
            try RunningHost.with(config, in: place) { host in
                let url = try host.url(of: "chain")
                let line = "[chain/logging] request done"
                _ = try Catena.request(url, in: place, id: "quiet")
                host.process.signal(SIGUSR1)
                try host.process.awaitError("catena: logging everything\n")
                #expect(!host.process.errors.contains(line))

                _ = try Catena.request(url, in: place, id: "loud")
                try host.process.awaitError(line)
                #expect(host.process.errors.contains("connection=loud"), "\(host.process.errors)")

                host.process.signal(SIGUSR2)
                try host.process.awaitError("catena: logging as configured\n")
                _ = try Catena.request(url, in: place, id: "quiet again")
                #expect(try host.stop() == .status(0))
                let after = try #require(host.process.errors.components(separatedBy: "catena: logging as configured\n").last)
                #expect(after == "catena: stopping\ncatena: stopped\n")
            }
        }
    }

    @Test("before ready ends the host at once, even if an element never says that it has started", arguments: [SIGTERM, SIGINT, SIGHUP])
    func early(signal: CInt) throws {
        try Workplace.with { place in
            try FixtureModule.build("running/never-starts", to: place.file("libodd.so"))
            try place.write(Chains.chain(modulePath: ".", #""odd""#), to: "chains.json")
            let host = try Catena.start(["serve", "--config", "chains.json", "--control", place.file("chains.sock")], in: place)
            defer { host.end() }
            try host.awaitError("never-starts: start\n")
            host.signal(signal)
            #expect(try host.awaitExit() == .signal(signal))
            #expect(host.errors.hasSuffix("catena: stopped before it was ready\n"), "\(host.errors)")
        }
    }

    /// A Request that the forwarder has sent on, to an endpoint that does not run just now.
    private func callInFlight(
        drainTimeout: String = "30s",
        _ body: (_ forwarder: RunningHost, _ endpoint: RunningHost, _ request: ChildProcess, _ place: Workplace) throws -> Void
    ) throws {
        try Workplace.with { place in
            let port = try Sockets.freePort()
            let forwarding = try Chains.twoHosts("forwarder", endpointPort: port)
                .replacingOccurrences(of: "\"chains\": {", with: "\"drainTimeout\": \"\(drainTimeout)\", \"chains\": {")
            try RunningHost.with(try Chains.twoHosts("endpoint", endpointPort: port), in: place, name: "endpoint") { endpoint in
                try RunningHost.with(forwarding, in: place, name: "forwarder") { forwarder in
                    let url = try forwarder.url(of: "forwarder")
                    // Now the forwarder has a connection to the endpoint, and the next call waits for nothing but its answer.
                    _ = try Catena.request(url, in: place)
                    endpoint.process.signal(SIGSTOP)
                    let request = try Catena.start(["request", "--url", url, "--service", "slow"], in: place)
                    defer { request.end() }
                    try forwarder.process.awaitError("service=slow state=UP [forwarder/connect/logging] request\n")
                    try body(forwarder, endpoint, request, place)
                }
            }
        }
    }
}
