// SPDX-License-Identifier: Apache-2.0
//
// Every mistake we know of has a file in Fixtures/chains/invalid and, beside it, exactly what the user sees.
// After a change of wording, CATENA_RECORD_FIXTURES=1 writes what is printed now; the test fails then, so that someone reads the diff.

import CatenaConfig
import Foundation
import Testing

@Suite("chains.json fixtures")
struct FixtureTests {
    @Test("every bad file yields exactly the diagnostics beside it", arguments: try Fixture.all(in: "invalid"))
    func invalid(fixture: Fixture) throws {
        // Not with #expect(throws:), which mirrors the error for its report: one of these holds a hundred thousand elements.
        var printed = ""
        do { try fixture.parse() } catch let error as ConfigError { printed = error.description }
        if ProcessInfo.processInfo.environment["CATENA_RECORD_FIXTURES"] != nil {
            try Data(printed.utf8).write(to: fixture.expectation)
            Issue.record("recorded \(fixture.expectation.lastPathComponent): read it, then run without CATENA_RECORD_FIXTURES")
        }
        let expected = try String(contentsOf: fixture.expectation, encoding: .utf8)
        #expect(printed == expected)
    }

    @Test("every good file passes", arguments: try Fixture.all(in: "valid"))
    func valid(fixture: Fixture) throws {
        #expect(throws: Never.self) { try fixture.parse() }
    }

    @Test("every expectation belongs to a file")
    func orphans() throws {
        let names = Set(try Fixture.all(in: "invalid").map(\.name))
        let expectations = try FileManager.default.contentsOfDirectory(atPath: Fixture.folder("invalid").path)
            .filter { $0.hasSuffix(".expected") }.map { String($0.dropLast(".expected".count)) }
        #expect(Set(expectations) == names)
    }

    @Test("no cut and no damage of a good file makes the parser crash or hang", arguments: try Fixture.all(in: "valid"))
    func damaged(fixture: Fixture) throws {
        let bytes = try fixture.bytes()
        for length in bytes.indices { _ = try? ChainsFile.parse(bytes: Array(bytes[..<length]), path: "cut", environment: [:]) }
        for index in bytes.indices {
            for byte in [0x00, 0x22, 0x5C, 0x7B, 0x5D, 0x24, 0xC3, 0xFF] as [UInt8] {
                var damaged = bytes
                damaged[index] = byte
                _ = try? ChainsFile.parse(bytes: damaged, path: "damaged", environment: [:])
            }
        }
    }
}
