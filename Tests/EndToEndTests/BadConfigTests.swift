// SPDX-License-Identifier: Apache-2.0
// A config that cannot work is refused before anything is opened, with every mistake at its place; what CatenaConfig finds by
// itself is tested there, here is what only a whole program can show.

import Foundation
import Testing

@EndToEnd
@Suite("a bad config")
struct BadConfigTests {
    nonisolated private static let mistaken = """
        {
          "chains": {
            "endpoint": {
              "listen": ["unix://${SOCKET}"],
              "elments": ["serialize"]
            },
            "forwarder": {
              "listen": [],
              "elements": ["serialize"]
            }
          }
        }

        """

    @Test(
        "ends serve and validate with status 78, every error with line, column and caret; nothing is opened",
        arguments: ["serve", "validate"])
    func everyError(command: String) throws {
        try Workplace.with { place in
            try place.write(BadConfigTests.mistaken, to: "chains.json")
            let result = try Catena.run(command, in: place, environment: ["SOCKET": place.file("endpoint.socket")])
            #expect(result.exit == .status(78))
            #expect(result.output.isEmpty)
            for error in [
                "chains.json:5:7: error: /chains/endpoint/elments: unknown key \"elments\" (did you mean \"elements\"?)\n"
                    + "      \"elments\": [\"serialize\"]\n"
                    + "      ^\n",
                "chains.json:8:17: error: /chains/forwarder/listen: ",
            ] {
                #expect(result.errors.contains(error), "\(result.errors)")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == ["chains.json"])
        }
    }

    @Test("is data with --format json")
    func asJSON() throws {
        struct Problem: Decodable {
            var severity, file, pointer, message: String
            var line, column: Int
        }
        try Workplace.with { place in
            try place.write(BadConfigTests.mistaken, to: "chains.json")
            let result = try Catena.run("validate", "--format", "json", in: place, environment: ["SOCKET": place.file("endpoint.socket")])
            #expect(result.exit == .status(78))
            let problems = try JSONDecoder().decode([Problem].self, from: Data(result.output.utf8))
            let first = try #require(problems.first)
            #expect(first.severity == "error")
            #expect(first.file == "chains.json")
            #expect((first.line, first.column) == (5, 7))
            #expect(first.pointer == "/chains/endpoint/elments")
            #expect(problems.map(\.line) == [5, 8])
        }
    }

    @Test("with an unknown type names the folders that were searched, and the type that may be meant")
    func unknownType() throws {
        try Workplace.with { place in
            try place.write(Chains.chain(modulePath: "here", "\"serialise\""), to: "chains.json")
            let result = try Catena.run("serve", in: place)
            #expect(result.exit == .status(78))
            #expect(result.errors.contains("chains.json:7:9: error: /chains/chain/elements/0: "), "\(result.errors)")
            #expect(result.errors.contains("\(place.file("here"))/libserialise.so, "), "\(result.errors)")
            #expect(result.errors.contains("/libserialise.so (did you mean \"serialize\"?)\n"), "\(result.errors)")
        }
    }

    @Test(
        "that a module refuses has the module's words at the place it means",
        arguments: [
            (#"{ "client": "next", "dialTimeout": 5 }"#, "/config/dialTimeout", 78, "expected a duration above zero such as \"5s\", got 5"),
            (#"{ "client": "next", "dialTimout": "5s" }"#, "/config/dialTimout", 77, "(did you mean \"dialTimeout\"?)"),
            (#"{ "dialTimeout": "5s" }"#, "/config", 43, "\"client\" is missing"),
            (#"{ "client": "nxt" }"#, "/config/client", 55, "there is no chain \"nxt\""),
        ])
    func moduleFound(config: String, pointer: String, column: Int, message: String) throws {
        try Workplace.with { place in
            let url = #"{ "element": "clienturl", "config": { "url": "tcp://127.0.0.1:1" } }"#
            let elements = [Chains.updatepath("chain"), "\"serialize\"", url, #"{ "element": "connect", "config": \#(config) }"#]
            try place.write(Chains.chain(elements.joined(separator: ",\n        ")), to: "chains.json")
            let result = try Catena.run("validate", in: place)
            #expect(result.exit == .status(78))
            let line = try #require(result.errors.split(separator: "\n").first)
            #expect(line.hasPrefix("chains.json:9:\(column): error: /chains/chain/elements/3\(pointer): "), "\(result.errors)")
            #expect(line.contains(message))
        }
    }

    @Test("without an anchor above connect names what is missing, whoever is asked", arguments: ["serve", "validate"])
    func noAnchor(command: String) throws {
        try Workplace.with { place in
            let url = #"{ "element": "clienturl", "config": { "url": "tcp://127.0.0.1:1" } }"#
            let connect = #"{ "element": "connect", "config": { "client": "next" } }"#
            try place.write(Chains.chain(url, connect), to: "chains.json")
            let result = try Catena.run(command, in: place)
            #expect(result.exit == .status(78))
            let line = try #require(result.errors.split(separator: "\n").first)
            #expect(line.hasPrefix("chains.json:7:13: error: /chains/chain/elements/1"), "\(result.errors)")
            #expect(line.hasSuffix("there is no anchor above it in the chain \"chain\": put an element such as \"serialize\" there"), "\(line)")
        }
    }

    @Test("is told from a good one, which validate sums up with status 0")
    func good() throws {
        try Workplace.with { place in
            try place.write(Chains.chain(Chains.updatepath("chain"), "\"serialize\""), to: "chains.json")
            let result = try Catena.run("validate", in: place)
            #expect(result.exit == .status(0))
            #expect(result.errors == "chains.json: good: 2 chains (1 served), 2 elements, 2 modules\n")
            let asData = try Catena.run("validate", "--format", "json", in: place)
            #expect(asData.exit == .status(0))
            #expect(try JSONDecoder().decode([String].self, from: Data(asData.output.utf8)).isEmpty)
        }
    }

    @Test("is told of in one run, whoever finds a mistake: the file's reader, the loader or a module")
    func everyFinder() throws {
        try Workplace.with { place in
            let elements = [#"{ "element": "logging", "config": { "level": "loud" } }"#, "\"serialise\"", #"{ "element": "connect", "confg": {} }"#]
            try place.write(Chains.chain(elements[0], elements[1], elements[2]), to: "chains.json")
            let result = try Catena.run("validate", in: place)
            #expect(result.exit == .status(78))
            for found in ["elements/0/config/level: expected one of", "elements/1: no module for the element type", "elements/2/confg: unknown key"] {
                #expect(result.errors.contains(found), "\(result.errors)")
            }
        }
    }

    @Test("and a good one are told apart by the exit status also where standard error is closed", arguments: [
        ("\"serialize\"", Int32(0)), ("\"serialise\"", 78),
    ])
    func closedErrors(element: String, status: Int32) throws {
        try Workplace.with { place in
            try place.write(Chains.chain(element), to: "chains.json")
            let child = try ChildProcess(
                "/bin/sh", ["-c", "exec 2>&-; exec \"$0\" validate", Catena.path], in: place.path, environment: [:])
            defer { child.end() }
            #expect(try child.awaitExit() == .status(status))
        }
    }
}
