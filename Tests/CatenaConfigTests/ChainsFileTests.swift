// SPDX-License-Identifier: Apache-2.0
//
// What a good file means: defaults, order, splices and the text that a module is handed.

import CatenaConfig
import Foundation
import Testing

@Suite("ChainsFile")
struct ChainsFileTests {
    @Test("the shipped example reads as its authors meant it")
    func example() throws {
        let file = try Fixture.named("example").parse()
        #expect(file.path == "example.json")
        #expect(file.modulePath == ["modules"])
        #expect(file.closeTimeout == .seconds(30))
        #expect(file.drainTimeout == .seconds(30))
        #expect(file.chains.map(\.name) == ["endpoint", "forwarder", "to-next-hop"])
        #expect(file.chains.map(\.isServed) == [true, true, false])

        let forwarder = try #require(file.chain(named: "forwarder"))
        #expect(forwarder.listen.map(\.url) == [.tcp(host: "127.0.0.1", port: 5001), .unix(path: "/run/catena/forwarder.sock")])
        #expect(forwarder.elements.map(\.type) == ["logging", "updatepath", "serialize", "clienturl", "connect"])
        #expect(forwarder.elements.map(\.chain) == Array(repeating: "forwarder", count: 5))
        #expect(forwarder.elements.map(\.module) == Array(repeating: nil, count: 5))
        let connect = try #require(forwarder.elements.last)
        #expect(String(decoding: connect.configBytes, as: UTF8.self) == #"{"client":"to-next-hop","dialTimeout":"5s"}"#)
        #expect(file.chain(named: "nowhere") == nil)
    }

    @Test("a chain in the client role says what it opens; a label's key is taken as it is")
    func clientRole() throws {
        let file = try Fixture.named("client-role").parse()
        #expect(file.chains.map(\.opensConnections) == [true, false] && file.chains.map(\.isServed) == [false, false])
        let open = file.chains[0].open
        #expect(open.map(\.service) == ["icmp", "vl3"] && open.map(\.id) == [nil, "c-1"] && open.map(\.mechanism) == [nil, "KERNEL"])
        #expect(open.map(\.labels) == [[:], ["app": "web", "x-zone": "a", "empty": ""]])
        #expect(open[1].place.pointer == "/chains/client/open/1")
    }

    @Test("an element without config hands its module an empty object")
    func noConfig() throws {
        let elements = try file(#"["a", { "element": "b" }, { "element": "c", "config": {} }]"#).chains[0].elements
        #expect(elements.map { String(decoding: $0.configBytes, as: UTF8.self) } == ["{}", "{}", "{}"])
    }

    @Test("variables are replaced in every string of a config, and in no key")
    func variables() throws {
        let text = #"["${T:-a}", { "element": "b", "module": "${HOST}.so", "config": { "${K}": ["${HOST}", { "x-y": "${EMPTY:-z}" }, 1, "$${K}"] } }]"#
        let elements = try file(text).chains[0].elements
        #expect(elements[0].type == "a")
        #expect(elements[1].module == "127.0.0.1.so")
        #expect(String(decoding: elements[1].configBytes, as: UTF8.self) == #"{"${K}":["127.0.0.1",{"x-y":"z"},1,"${K}"]}"#)
    }

    @Test("splices bring in elements only, which run in the splicing chain and stay where they are written")
    func splices() throws {
        let file = try Fixture.named("splices").parse()
        let forwarder = try #require(file.chain(named: "forwarder"))
        #expect(forwarder.listen.count == 1)
        #expect(forwarder.elements.map(\.type) == ["logging", "updatepath", "serialize", "logging", "null", "logging"])
        #expect(forwarder.elements.map(\.name) == ["logging", "path", "serialize", "logging-2", "logging-3", "logging-4"])
        #expect(Set(forwarder.elements.map(\.chain)) == ["forwarder"])
        #expect(forwarder.elements[1].place.pointer == "/chains/prefix/elements/1")
        #expect(String(decoding: forwarder.elements[1].configBytes, as: UTF8.self) == #"{"name":"node-1"}"#)
        #expect(file.chain(named: "middle")?.elements.map(\.name) == ["serialize", "logging", "logging-3"])
    }

    @Test("unnamed elements are numbered in order and never take a chosen name", arguments: [
        (#"["a", "a", "a"]"#, ["a", "a-2", "a-3"]),
        (#"["a", { "element": "a", "name": "x" }, "a"]"#, ["a", "x", "a-2"]),
        (#"["a", "a", { "element": "b", "name": "a-2" }]"#, ["a", "a-3", "a-2"]),
        (#"["a", { "element": "b", "name": "a" }]"#, ["a-2", "a"]),
        (#"["a", "a", "a-2"]"#, ["a", "a-2", "a-2-2"]),
        (#"["a", "b", "a", "b"]"#, ["a", "b", "a-2", "b-2"]),
    ])
    func names(elements: String, names: [String]) throws {
        #expect(try file(elements).chains[0].elements.map(\.name) == names)
    }

    @Test("a numbered name is not longer than a name may be")
    func longNames() {
        let type = String(repeating: "x", count: ConfigName.maximumLength)
        #expect(throws: ConfigError.self) { try file("[\"\(type)\", \"\(type)\"]") }
    }

    @Test("a chain may splice thousands of others one inside the other")
    func deepSplices() throws {
        let links = (0..<20_000).map { "\"c\($0)\": { \"elements\": [{ \"chain\": \"c\($0 + 1)\" }] }" }.joined(separator: ",")
        let text = "{ \"chains\": { \"s\": { \"listen\": [\"tcp://h:1\"], \"elements\": [] }, \(links), \"c20000\": {} } }"
        #expect(try parse(text).chains.count == 20_002)
    }

    @Test("a file of a thousand mistakes reports a bounded number of them")
    func manyProblems() throws {
        let keys = (0..<1_000).map { "\"bad\($0)\": 0" }.joined(separator: ",")
        let error = #expect(throws: ConfigError.self) { try parse("{ \(keys) }") }
        let diagnostics = try #require(error).diagnostics
        #expect(diagnostics.count == 201)
        #expect(diagnostics.first?.message == "more than 200 problems; the rest are not shown")
    }

    @Test("a file that cannot be read is an error with the system's reason and the way out")
    func unreadable() throws {
        let missing = #expect(throws: ConfigError.self) { try ChainsFile.load(path: "no/such/chains.json", environment: [:]) }
        #expect(try #require(missing).description
            == "no/such/chains.json: error: cannot read: No such file or directory (name another file with --config)\n")
        let folder = #expect(throws: ConfigError.self) { try ChainsFile.load(path: "/", environment: [:]) }
        #expect(try #require(folder).description == "/: error: cannot read: Is a directory (name another file with --config)\n")
    }

    @Test("a file is read up to the limit and not past it")
    func sizeLimit() throws {
        let path = Fixture.named("example").file.path
        let size = try Fixture.named("example").bytes().count
        #expect(try ChainsFile.load(path: path, environment: [:], sizeLimit: size).chains.count == 3)
        #expect(throws: ConfigError.self) { try ChainsFile.load(path: path, environment: [:], sizeLimit: size - 1) }
        #expect(throws: ConfigError.self) { try ChainsFile.load(path: "/dev/zero", environment: [:], sizeLimit: 100_000) }
    }

    private func file(_ elements: String) throws -> ChainsFile {
        try parse("{ \"chains\": { \"a\": { \"listen\": [\"tcp://h:1\"], \"elements\": \(elements) } } }")
    }

    private func parse(_ text: String) throws -> ChainsFile {
        try ChainsFile.parse(bytes: Array(text.utf8), path: "chains.json", environment: Fixture.environment)
    }
}
