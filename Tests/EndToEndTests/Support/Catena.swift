// SPDX-License-Identifier: Apache-2.0
// The program under test: the one that lies beside this test bundle, built with it.

import Foundation

/// The command line, run to its end.
enum Catena {
    struct Result {
        let exit: ChildProcess.Exit
        let output: String
        let errors: String
    }

    /// The folder of the executable, and of the modules built with it.
    static let folder = FileManager.default
        .destinationOfLink("/proc/self/exe").map { URL(fileURLWithPath: $0).deletingLastPathComponent().path } ?? "."

    static let path = "\(folder)/catena"

    /// The package's own folder.
    static let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static func run(_ arguments: String..., in place: Workplace, environment: [String: String] = [:]) throws -> Result {
        let child = try start(arguments, in: place, environment: environment)
        defer { child.end() }
        let exit = try child.awaitExit()
        return Result(exit: exit, output: child.output, errors: child.errors)
    }

    static func start(_ arguments: [String], in place: Workplace, environment: [String: String] = [:]) throws -> ChildProcess {
        // It remembers nothing of modules, unless the test says where.
        try ChildProcess(path, arguments, in: place.path, environment: ["XDG_CACHE_HOME": "/dev/null"].merging(environment) { $1 })
    }

    /// A Request that must succeed; its answer is also written to a file, for a refresh and the Close.
    static func request(
        _ url: String, in place: Workplace, id: String? = nil, refreshing file: String? = nil, to answer: String = "connection.json"
    ) throws -> ConnectionJSON {
        var arguments = ["request", "--url", url, "--service", "icmp"]
        if let id { arguments += ["--id", id] }
        if let file { arguments += ["--connection", file] }
        let child = try start(arguments, in: place)
        defer { child.end() }
        guard try child.awaitExit() == .status(0) else { throw Failed(description: child.errors) }
        try place.write(child.output, to: answer)
        return try JSONDecoder().decode(ConnectionJSON.self, from: Data(child.output.utf8))
    }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }
}

/// A Connection as `catena request` prints it.
struct ConnectionJSON: Decodable, Equatable {
    struct Segment: Decodable, Equatable {
        var name: String
        var id: String
    }

    struct Path: Decodable, Equatable {
        var path_segments: [Segment]
    }

    var id: String
    var path: Path

    var names: [String] { path.path_segments.map(\.name) }
    var ids: [String] { path.path_segments.map(\.id) }
}

extension FileManager {
    fileprivate func destinationOfLink(_ path: String) -> String? {
        try? destinationOfSymbolicLink(atPath: path)
    }
}
