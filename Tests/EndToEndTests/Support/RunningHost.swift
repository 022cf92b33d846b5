// SPDX-License-Identifier: Apache-2.0
// `catena serve` as a scope: inside it a host serves, after it there is none, whatever happened in between.

import Foundation

/// A host that serves.
struct RunningHost {
    let process: ChildProcess
    /// Where its config and its sockets lie.
    let place: Workplace
    let control: String

    /// Runs a host; when `body` begins, every listener serves.
    ///
    /// - Parameters:
    ///   - config: the text of its chains file.
    ///   - name: of that file and of the control socket, for those that share a folder.
    static func with<T>(
        _ config: String, in place: Workplace, name: String = "chains", environment: [String: String] = [:],
        _ body: (RunningHost) throws -> T
    ) throws -> T {
        let host = try start(config, in: place, name: name, environment: environment)
        defer { host.process.end() }
        return try body(host)
    }

    /// The same without a scope: whoever starts it ends its process.
    static func start(
        _ config: String, in place: Workplace, name: String = "chains", environment: [String: String] = [:]
    ) throws -> RunningHost {
        try place.write(config, to: "\(name).json")
        let control = place.file("\(name).sock")
        let process = try Catena.start(
            ["serve", "--config", "\(name).json", "--control", control], in: place, environment: environment)
        do {
            try process.awaitError("catena: ready")
        } catch {
            process.end()
            throw error
        }
        return RunningHost(process: process, place: place, control: control)
    }

    /// What it said when it became ready: the listeners of a chain, in the order of the config.
    func urls(of chain: String) -> [String] {
        let head = "catena: chain \"\(chain)\" serves on "
        return process.errors.split(separator: "\n").filter { $0.hasPrefix(head) }.map { String($0.dropFirst(head.count)) }
    }

    func url(of chain: String) throws -> String {
        guard let url = urls(of: chain).first else { throw Catena.Failed(description: "chain \(chain) does not serve:\n\(process.errors)") }
        return url
    }

    func status() throws -> StatusJSON {
        let result = try Catena.run("status", "--control", control, "--format", "json", in: place)
        guard result.exit == .status(0) else { throw Catena.Failed(description: result.errors) }
        return try JSONDecoder().decode(StatusJSON.self, from: Data(result.output.utf8))
    }

    /// Stops it the ordinary way.
    func stop() throws -> ChildProcess.Exit {
        process.signal(SIGTERM)
        return try process.awaitExit()
    }
}

/// As much of `catena status --format json` as is looked at here.
struct StatusJSON: Decodable {
    struct Engine: Decodable {
        var chains: [Chain]
        var holdings: Holdings
    }

    /// What is left when nobody has a connection: nothing.
    struct Holdings: Decodable, Equatable {
        var calls = 0, insideCalls = 0, connections = 0, legs = 0, slots = 0, operations = 0, transports = 0, owed = 0, subscribers = 0
    }

    struct Opened: Decodable {
        var chain: String
        var service: String
        var id: String
        var state: String
        var failures: Int
        var lastError: String?
    }

    struct Process: Decodable, Equatable {
        var threads: Int
        var descriptors: Int
    }

    struct Chain: Decodable {
        struct Outcomes: Decodable, Equatable {
            var ok: Int
            var failed: Int
        }

        var path: String
        var connections: Int?
        var requests: Outcomes
        var closes: Outcomes
    }

    var pid: Int
    var opened: [Opened]
    var engine: Engine
    var process: Process

    func chain(_ path: String) -> Chain? { engine.chains.first { $0.path == path } }
}
