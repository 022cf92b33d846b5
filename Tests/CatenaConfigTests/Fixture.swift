// SPDX-License-Identifier: Apache-2.0
//
// Finds the fixture files from the place of this source, so the tests run from any folder and need no resources in the package.
// A folder without fixtures is an error: a walk over nothing must not pass.

import CatenaConfig
import Foundation
import Testing

/// One file of Tests/Fixtures/chains.
struct Fixture: Sendable, CustomTestStringConvertible {
    let file: URL

    /// The environment that all fixtures are read with.
    static let environment = ["HOST": "127.0.0.1", "EMPTY": ""]

    struct NoneFound: Error {
        let folder: String
    }

    static func folder(_ kind: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/chains/\(kind)")
    }

    static func all(in kind: String) throws -> [Fixture] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder(kind).path).filter { $0.hasSuffix(".json") }
        guard !names.isEmpty else { throw NoneFound(folder: folder(kind).path) }
        return names.sorted().map { Fixture(file: folder(kind).appending(path: $0)) }
    }

    static func named(_ name: String) -> Fixture { Fixture(file: folder("valid").appending(path: "\(name).json")) }

    var name: String { file.deletingPathExtension().lastPathComponent }
    var expectation: URL { file.deletingPathExtension().appendingPathExtension("expected") }
    var testDescription: String { name }

    func bytes() throws -> [UInt8] { Array(try Data(contentsOf: file)) }

    /// Reads the file under its bare name.
    @discardableResult
    func parse() throws -> ChainsFile {
        try ChainsFile.parse(bytes: bytes(), path: file.lastPathComponent, environment: Fixture.environment)
    }
}
