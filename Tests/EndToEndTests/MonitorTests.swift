// SPDX-License-Identifier: Apache-2.0
// `catena monitor` and `catena status --connections` against real hosts: what happens to a connection, also far away, is said where
// somebody listens.

import Foundation
import Testing

@EndToEnd
@Suite("catena monitor")
struct MonitorTests {
    /// As much of a line of `--format json` as is looked at here.
    private struct Event: Decodable, Equatable {
        struct Connection: Decodable, Equatable {
            var id: String
            var state: String?
            var path: Path
        }

        struct Path: Decodable, Equatable {
            var index: Int?
            var path_segments: [ConnectionJSON.Segment]
        }

        var type: String
        var connections: [String: Connection]
        var time: String

        /// `UPDATE one=DOWN`
        var line: String { ([type] + connections.map { "\($0.key)=\($0.value.state ?? "UP")" }.sorted()).joined(separator: " ") }
    }

    private struct Connections: Decodable {
        struct Connection: Decodable {
            var id: String
            var chain: String
            var state: String
            var nextHop: String?
            var ageSeconds: Double?
        }

        var connections: [Connection]
    }

    private static func endpoint(_ place: Workplace) -> String {
        Chains.chain(listen: "unix://\(place.file("endpoint.socket"))", Chains.updatepath("endpoint"), "\"serialize\"", "\"monitor\"")
    }

    private static func forwarder(_ place: Workplace, monitor: String = "\"monitor\"") -> String {
        Chains.chain(
            listen: "unix://\(place.file("forwarder.socket"))", Chains.updatepath("forwarder"), "\"serialize\"", monitor,
            #"{ "element": "clienturl", "config": { "url": "unix://\#(place.file("endpoint.socket"))" } }"#,
            #"{ "element": "connect", "config": { "client": "next" } }"#)
    }

    private func monitor(_ url: String, _ arguments: String..., in place: Workplace) throws -> ChildProcess {
        try Catena.start(["monitor", "--url", url] + arguments, in: place)
    }

    private func events(_ child: ChildProcess) throws -> [Event] {
        try child.output.split(separator: "\n").map { try JSONDecoder().decode(Event.self, from: Data($0.utf8)) }
    }

    @Test("prints what is there and what happens, as JSON lines and for people; Ctrl-C ends it with 0")
    func events() throws {
        try Workplace.with { place in
            try RunningHost.with(Self.endpoint(place), in: place, name: "endpoint") { _ in
                try RunningHost.with(Self.forwarder(place), in: place, name: "forwarder") { host in
                    let url = try host.url(of: "chain")
                    let data = try monitor(url, "--format", "json", in: place)
                    defer { data.end() }
                    try data.awaitOutput("INITIAL_STATE_TRANSFER")
                    let other = try monitor(url, "--service", "dns", in: place), own = try monitor(url, "--segment", "client=mine", in: place)
                    defer { other.end(); own.end() }
                    for child in [other, own] { try child.awaitOutput("that is what is there\n") }
                    #expect(try host.status().engine.holdings.subscribers == 3)

                    let connection = try Catena.request(url, in: place, id: "mine")
                    try own.awaitOutput("  UPDATE  \(connection.ids[1])  UP  icmp  client>forwarder>endpoint\n")
                    #expect(try Catena.run("close", "--url", url, "connection.json", in: place).exit == .status(0))
                    try own.awaitOutput("  DELETE  \(connection.ids[1])  UP  icmp  client>forwarder>endpoint\n")
                    try data.awaitOutput("DELETE")
                    let heard = try events(data)
                    #expect(heard.map(\.line) == ["INITIAL_STATE_TRANSFER", "UPDATE \(connection.ids[1])=UP", "DELETE \(connection.ids[1])=UP"])
                    #expect(heard.allSatisfy { $0.time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil }, "\(heard)")
                    #expect(heard[1].connections[connection.ids[1]]?.path == .init(index: 1, path_segments: connection.path.path_segments))

                    data.signal(SIGINT)
                    #expect(try data.awaitExit() == .status(0) && data.errors.isEmpty)
                    other.signal(SIGTERM)
                    #expect(try other.awaitExit() == .status(0))
                    #expect(other.output.split(separator: "\n").count == 1)
                    #expect(try host.stop() == .status(0))
                }
            }
        }
    }

    @Test("the death of the endpoint's host is told by the forwarder as DOWN, and a Request later as UP; the list of connections knows")
    func death() throws {
        try Workplace.with { place in
            let endpoint = try RunningHost.start(Self.endpoint(place), in: place, name: "endpoint")
            defer { endpoint.process.end() }
            try RunningHost.with(Self.forwarder(place), in: place, name: "forwarder") { host in
                let url = try host.url(of: "chain")
                let connection = try Catena.request(url, in: place, id: "mine")
                let data = try monitor(url, "--format", "json", in: place)
                defer { data.end() }
                try data.awaitOutput("INITIAL_STATE_TRANSFER")
                endpoint.process.signal(SIGKILL)
                try data.awaitOutput("\"DOWN\"")
                let down = try list(host).connections
                #expect(down.map(\.id) == [connection.ids[1]] && down.map(\.state) == ["DOWN"])

                try RunningHost.with(Self.endpoint(place), in: place, name: "endpoint") { _ in
                    _ = try Catena.request(url, in: place, refreshing: "connection.json")
                    #expect(try list(host).connections.map(\.state) == ["UP"])
                    #expect(try Catena.run("close", "--url", url, "connection.json", in: place).exit == .status(0))
                    try data.awaitOutput("DELETE")
                }
                let id = connection.ids[1]
                #expect(try events(data).map(\.line) == ["INITIAL_STATE_TRANSFER \(id)=UP", "UPDATE \(id)=DOWN", "UPDATE \(id)=UP", "DELETE \(id)=UP"])
            }
        }
    }

    @Test("a lost stream is told and opened again; with --once it is the end")
    func again() throws {
        try Workplace.with { place in
            let config = Self.endpoint(place)
            let url = "unix://\(place.file("endpoint.socket"))"
            let first = try RunningHost.start(config, in: place)
            defer { first.process.end() }
            let child = try monitor(url, in: place), once = try monitor(url, "--once", in: place)
            defer { child.end(); once.end() }
            for child in [child, once] { try child.awaitOutput("that is what is there\n") }
            first.process.signal(SIGKILL)
            try child.awaitError("; trying again\n")
            #expect(try once.awaitExit() == .status(1) && once.errors.hasPrefix("catena: error: UNAVAILABLE"), "\(once.errors)")
            try RunningHost.with(config, in: place) { host in
                let connection = try Catena.request(url, in: place)
                // It comes as an update, or was there when the stream was opened again.
                try child.awaitOutput("  \(connection.ids[1])  UP  icmp  ")
                // A host that stops says so, and does not wait for those who listen.
                #expect(try host.stop() == .status(0))
            }
            child.signal(SIGINT)
            #expect(try child.awaitExit() == .status(0))
            #expect(child.output.components(separatedBy: "that is what is there").count == 3)
        }
    }

    @Test("a chain without monitor is refused for good")
    func unimplemented() throws {
        try Workplace.with { place in
            try RunningHost.with(Chains.chain("\"serialize\""), in: place) { host in
                let child = try monitor(try host.url(of: "chain"), in: place)
                defer { child.end() }
                #expect(try child.awaitExit() == .status(1))
                #expect(child.errors.hasPrefix("catena: error: UNIMPLEMENTED"), "\(child.errors)")
            }
        }
    }

    @Test("catena status --connections lists what is there: chain, state, next hop, age")
    func connections() throws {
        try Workplace.with { place in
            try RunningHost.with(Self.endpoint(place), in: place, name: "endpoint") { endpoint in
                try RunningHost.with(Self.forwarder(place, monitor: "\"logging\""), in: place, name: "forwarder") { host in
                    let empty = try Catena.run("status", "--connections", "--control", host.control, in: place)
                    #expect(empty.output == "0 connections\n" && empty.exit == .status(0))
                    let one = try Catena.request(try host.url(of: "chain"), in: place, id: "one")
                    _ = try Catena.request(try host.url(of: "chain"), in: place, id: "two")
                    let found = try list(host).connections
                    #expect(found.count == 2 && found.map(\.id) == found.map(\.id).sorted())
                    let first = try #require(found.first { $0.id == one.ids[1] })
                    #expect(first.chain == "chain" && first.state == "UP" && first.nextHop == "unix://\(place.file("endpoint.socket"))")
                    #expect((first.ageSeconds ?? -1) >= 0)
                    #expect(try list(endpoint).connections.map(\.nextHop) == [nil, nil])
                    let text = try Catena.run("status", "--connections", "--control", host.control, in: place).output.split(separator: "\n")
                    #expect(text.count == 4 && text.last == "2 connections" && text[0].split(separator: " ").first == "connection")
                    #expect(text[1...2].contains { $0.hasPrefix(one.ids[1]) && $0.contains("  UP  ") && $0.hasSuffix(" s") })
                }
            }
        }
    }

    private func list(_ host: RunningHost) throws -> Connections {
        let result = try Catena.run("status", "--connections", "--control", host.control, "--format", "json", in: host.place)
        guard result.exit == .status(0) else { throw Catena.Failed(description: result.errors) }
        return try JSONDecoder().decode(Connections.self, from: Data(result.output.utf8))
    }
}
