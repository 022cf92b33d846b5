// SPDX-License-Identifier: Apache-2.0
// A host whose chain opens connections of its own, as Examples/client-role has it: real hosts, and a next hop that is not there yet.

import Foundation
import Testing

@EndToEnd
@Suite("the client role")
struct ClientRoleTests {
    /// The chain of a client; the pause of connect is short, so that nobody waits for long.
    private static func client(to port: UInt16, open: String, listen: String = "") -> String {
        """
        {
          "chains": {
            "client": {
              "open": \(open),
              "elements": [
                { "element": "serialize", "config": { "unknownClose": "forward" } },
                { "element": "clienturl", "config": { "url": "tcp://127.0.0.1:\(port)" } },
                { "element": "connect", "config": { "client": "next", "backoffMax": "200ms" } }
              ]
            },
            "next": { "elements": [] }\(listen)
          }
        }

        """
    }

    private static let two = #"[{ "service": "icmp", "id": "c-1", "labels": { "app": "web" }, "mechanism": "KERNEL" }, { "service": "vl3" }]"#

    private static func endpoint(_ port: UInt16) -> String {
        Chains.chain(listen: "tcp://127.0.0.1:\(port)", #"{ "element": "logging", "config": { "bodies": true, "maxBytes": 65536 } }"#, Chains.updatepath("endpoint"), #""serialize""#)
    }

    /// Starts a host without waiting until it is ready.
    private static func start(_ config: String, in place: Workplace) throws -> RunningHost {
        try place.write(config, to: "client.json")
        let control = place.file("client.sock")
        let process = try Catena.start(["serve", "--config", "client.json", "--control", control], in: place)
        return RunningHost(process: process, place: place, control: control)
    }

    @Test("waits for a next hop that is not there, says for what and why, is ready when all is up, and closes it all when it stops")
    func life() throws {
        try Workplace.with { place in
            let port = try Sockets.freePort()
            let host = try Self.start(Self.client(to: port, open: Self.two), in: place)
            defer { host.process.end() }
            try host.process.awaitError("catena: waiting for 2 of 2 connections: icmp (c-1) of chain \"client\": UNAVAILABLE: client/connect: tcp://127.0.0.1:\(port): ")
            let early = try host.status().opened
            #expect(early.map(\.state) == ["opening", "opening"] && early.map(\.service) == ["icmp", "vl3"] && early[0].id == "c-1")
            #expect(early.allSatisfy { $0.failures > 0 && $0.lastError?.hasPrefix("UNAVAILABLE: client/connect: ") == true })
            #expect(!host.process.errors.contains("catena: ready"))

            try RunningHost.with(Self.endpoint(port), in: place, name: "endpoint") { endpoint in
                try host.process.awaitError("catena: ready (process \(host.process.pid), ")
                let opened = try host.status().opened
                #expect(opened.map(\.state) == ["up", "up"] && opened.allSatisfy { $0.failures == 0 && $0.lastError == nil && $0.chain == "client" })
                #expect(UUID(uuidString: opened[1].id) != nil)
                #expect(try endpoint.status().chain("chain")?.connections == 2)
                let shown = try Catena.run("status", "--control", host.control, in: place).output
                #expect(shown.contains("  opens icmp (c-1): up for "), "\(shown)")
                let said = host.process.errors
                #expect(said.ranges(of: "the connection could not be opened").count == 2 && said.ranges(of: "the connection is up").count == 2, "\(said)")
                for text in ["icmp", "app", "web", "client"] { try endpoint.process.awaitError(text) }

                #expect(try host.stop() == .status(0))
                #expect(host.process.errors.hasSuffix("catena: stopped\n"), "\(host.process.errors)")
                let left = try endpoint.status()
                #expect(left.chain("chain")?.connections == 0 && left.chain("chain")?.closes.ok == 2)
                #expect(left.engine.holdings == .init())
            }
        }
    }

    @Test("a signal during the attempts ends the host at once, with status 0; one that a Request hangs at is no reason to wait", arguments: [true, false])
    func signal(hangs: Bool) throws {
        try Workplace.with { place in
            // It takes connections and never says a word.
            let silent = try #require(Listening(port: 0))
            let port = hangs ? silent.port : try Sockets.freePort()
            defer { silent.close() }
            let host = try Self.start(Self.client(to: port, open: Self.two, listen: #", "served": { "listen": ["tcp://127.0.0.1:0"], "elements": [] }"#), in: place)
            defer { host.process.end() }
            try host.process.awaitError(hangs ? "catena: chain \"served\" serves on" : "catena: waiting for 2 of 2 connections")
            // A chain that is served beside it serves meanwhile.
            _ = try Catena.request(try host.url(of: "served"), in: place)
            #expect(try host.status().opened.map(\.state) == ["opening", "opening"])
            host.process.signal(SIGINT)
            // Far less than the 15 s of an attempt.
            #expect(try host.process.awaitExit(within: .seconds(10)) == .status(0))
            #expect(host.process.errors.contains("catena: stopping\n") && !host.process.errors.contains("catena: ready"))
            #expect(host.process.errors.hasSuffix("catena: stopped\n"), "\(host.process.errors)")
        }
    }

    @Test("a way that leads through chains of the same host is there until the connection is closed", arguments: [false, true])
    func oneHost(isInside: Bool) throws {
        try Workplace.with { place in
            let port = try Sockets.freePort()
            let config = Self.client(
                to: port, open: #"[{ "service": "icmp" }]"#,
                listen: #", "endpoint": { "listen": ["tcp://127.0.0.1:\#(port)"], "elements": [\#(Chains.updatepath("endpoint")), "serialize"] }"#)
            let dialled = "\"url\": \"tcp://127.0.0.1:\(port)\"", called = "\"url\": \"inproc://endpoint\""
            let written = isInside ? config.replacingOccurrences(of: dialled, with: called) : config
            let host = try RunningHost.start(written, in: place)
            defer { host.process.end() }
            let connections = try host.status().chain("endpoint")?.connections
            #expect(connections == 1)
            let exit = try host.stop()
            #expect(exit == .status(0) && !host.process.errors.contains("could not be closed"), "\(host.process.errors)")
        }
    }

    @Test("the example is a good one, and is drawn and told as what it is")
    func example() throws {
        try Workplace.with { place in
            let path = "\(Catena.package)/Examples/client-role/chains.json"
            let good = try Catena.run("validate", "--config", path, in: place)
            #expect(good.exit == .status(0) && "\(good.output)\(good.errors)".contains("2 chains (1 opens 1 connection), 6 elements, 6 modules"), "\(good.errors)")
            let graph = try Catena.run("graph", "--config", path, in: place)
            #expect(
                graph.output == """
                    chain client, opens icmp
                    ├─ logging
                    ├─ updatepath
                    ├─ serialize [anchor]
                    ├─ clienturl
                    └─ connect, through client chain to-next-hop
                       └─ heal

                    """, "\(graph.errors)")
        }
    }

    @Test("a chain that opens connections is nobody's client chain, and takes no calls")
    func roles() throws {
        try Workplace.with { place in
            let chains = { (use: String, url: String) in
                """
                {
                  "chains": {
                    "client": { "open": [{ "service": "icmp" }], "elements": [] },
                    "chain": {
                      "listen": ["tcp://127.0.0.1:0"],
                      "elements": [
                        \(Chains.updatepath("a")), "serialize", { "element": "clienturl", "config": { "url": "\(url)" } },
                        { "element": "connect", "config": { "client": "\(use)" } }
                      ]
                    },
                    "next": { "elements": [] }
                  }
                }

                """
            }
            try place.write(chains("client", "tcp://127.0.0.1:1"), to: "chains.json")
            let refused = try Catena.run("validate", in: place)
            #expect(refused.exit == .status(78))
            #expect(refused.errors.contains("/elements/3/config/client: the chain \"client\" begins connections of its own: a client chain has no \"open\""), "\(refused.errors)")
            try place.write(chains("next", "inproc://client"), to: "chains.json")
            let warned = try Catena.run("validate", in: place)
            #expect(warned.exit == .status(0))
            #expect(warned.errors.contains("the chain \"client\" begins its own connections and takes no calls: every call will fail with UNAVAILABLE"), "\(warned.errors)")
            try RunningHost.with(chains("next", "inproc://client"), in: place) { host in
                let failed = try Catena.run("request", "--url", try host.url(of: "chain"), "--service", "icmp", in: place)
                #expect(failed.exit == .status(1) && failed.errors.contains("inproc://client: this host serves no such chain"), "\(failed.errors)")
            }
        }
    }
}
