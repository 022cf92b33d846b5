// SPDX-License-Identifier: Apache-2.0
// What a person meets first: the version, the help, and the answer to a mistyped command.

import Testing

@EndToEnd
@Suite("the command line")
struct CommandLineTests {
    @Test("has a version")
    func version() throws {
        try Workplace.with { place in
            let result = try Catena.run("--version", in: place)
            #expect(result.exit == .status(0))
            #expect(result.output.contains(/^\d+\.\d+\.\d+\n$/), "\(result.output)")
        }
    }

    @Test("shows examples in the help of each command", arguments: ["", "serve", "validate", "request", "close", "load", "status", "graph", "inspect", "schema"])
    func examples(command: String) throws {
        try Workplace.with { place in
            let result = command.isEmpty ? try Catena.run("--help", in: place) : try Catena.run(command, "--help", in: place)
            #expect(result.exit == .status(0))
            #expect(result.output.contains("EXAMPLES\n"), "\(result.output)")
            #expect(result.output.contains("  catena \(command)"), "\(result.output)")
        }
    }

    @Test(
        "answers wrong usage with status 64 and what would be right",
        arguments: [
            (["frobnicate"], "catena --help"),
            (["serve", "--confg", "chains.json"], "--config"),
            (["request", "--service", "icmp"], "--url"),
            (["request", "--url", "tcp://127.0.0.1:1"], "--service"),
            (["request", "--url", "http://127.0.0.1:1", "--service", "icmp"], "tcp://host:port"),
            (["request", "--url", "tcp://127.0.0.1:1", "--service", "icmp", "--timeout", "5"], "500ms"),
            (["request", "--url", "tcp://127.0.0.1:1", "--service", "icmp", "--label", "app"], "key=value"),
            (["close", "--url", "tcp://127.0.0.1:1", "nowhere.json"], "catena request"),
            (["load"], "--url"),
            (["load", "--url", "http://127.0.0.1:1"], "tcp://host:port"),
            (["load", "--url", "tcp://127.0.0.1:1", "--connections", "3", "--concurrency", "4"], "too few for --concurrency 4"),
            (["load", "--url", "tcp://127.0.0.1:1", "--duration", "5"], "500ms"),
            (["load", "--url", "tcp://127.0.0.1:1", "--duration", "5s", "--requests", "5"], "--duration and --requests"),
            (["load", "--url", "tcp://127.0.0.1:1", "--expires-in", "soon"], "--expires-in"),
            (["load", "--url", "tcp://127.0.0.1:1", "--label", "app"], "key=value"),
            (["validate", "--format", "yaml"], "json"),
            (["monitor", "--url", "tcp://127.0.0.1:0"], "tcp://host:port"),
            (["monitor", "--url", "tcp://127.0.0.1:1", "--segment", "="], "name=id"),
            (["monitor", "--url", "tcp://127.0.0.1:1", "--service", ""], "--service"),
            (["monitor", "--url", "tcp://127.0.0.1:1", "--format", "yaml"], "json"),
            (["graph", "--format", "svg"], "mermaid"),
            (["inspect", "connect", "logging"], "inspect"),
        ])
    func usage(arguments: [String], advice: String) throws {
        try Workplace.with { place in
            let child = try Catena.start(arguments, in: place)
            defer { child.end() }
            #expect(try child.awaitExit() == .status(64))
            #expect(child.output.isEmpty)
            #expect(child.errors.contains(advice), "\(child.errors)")
        }
    }

    @Test("ends with 78 when the chains file is not there, and says how to name another")
    func missingFile() throws {
        try Workplace.with { place in
            let result = try Catena.run("serve", in: place)
            #expect(result.exit == .status(78))
            #expect(result.errors.hasPrefix("chains.json: error: "), "\(result.errors)")
            #expect(result.errors.contains("--config"), "\(result.errors)")
        }
    }
}
