// SPDX-License-Identifier: Apache-2.0
// The zoo: each file of Tests/Fixtures/modules is wrong in one way, and beside it stands what the host says of it. Whatever it is,
// it is told at its place in chains.json, and so is what is wrong elsewhere in the same file.
// After a change of wording, CATENA_RECORD_FIXTURES=1 writes what is printed now; the test fails then, so that someone reads the diff.

import Foundation
import ModuleTestSupport
import Testing

@EndToEnd
@Suite("a module that cannot be used is refused at its place in chains.json")
struct BadModuleTests {
    nonisolated static let folder = FixtureModule.folder

    /// Names of the fixtures, with their endings.
    nonisolated static let fixtures = try! FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { $0.hasSuffix(".c") || $0.hasSuffix(".txt") }.sorted()

    /// The module's type is "odd", and the other chain has a mistake of its own.
    private static let config = """
        {
          "modulePath": ["."],
          "chains": {
            "wrong": { "listen": ["tcp://127.0.0.1:0"], "elements": ["odd"] },
            "other": { "listen": ["tcp://127.0.0.1:0"], "elements": [{ "element": "updatepath", "config": { "name": "" } }] }
          }
        }

        """

    private static let otherMistake = #"""
        chains.json:5:109: error: /chains/other/elements/0/config/name: expected a text that is not empty, got ""
            "other": { "listen": ["tcp://127.0.0.1:0"], "elements": [{ "element": "updatepath", "config": { "name": "" } }] }
                                                                                                                    ^

        """#

    @Test("the zoo", arguments: fixtures)
    func zoo(fixture: String) throws {
        let name = String(fixture.prefix { $0 != "." })
        // A module is asked for an element only when all configs are good.
        let isCreated = name.hasPrefix("create-")
        let other = isCreated ? "" : Self.otherMistake
        try Workplace.with { place in
            try put(fixture, in: place)
            try place.write(isCreated ? Self.config.replacingOccurrences(of: #""name": """#, with: #""name": "n""#) : Self.config, to: "chains.json")
            // Long enough for the good module beside it, also where every process of this machine is slow.
            let limit = name.hasSuffix("-hangs") ? "10s" : "60s"
            let result = try Catena.run("validate", "--module-timeout", limit, in: place, environment: ["CATENA_TEST_SLOT": "7"])
            #expect(result.exit == .status(78))
            let printed = result.errors.replacingOccurrences(of: place.path, with: "FOLDER")
            let file = Self.folder.appending(path: "\(name).expected")
            if ProcessInfo.processInfo.environment["CATENA_RECORD_FIXTURES"] != nil {
                try Data(printed.replacingOccurrences(of: other, with: "").utf8).write(to: file)
                Issue.record("recorded \(name).expected: read it, then run without CATENA_RECORD_FIXTURES")
            }
            #expect(try printed == String(contentsOf: file, encoding: .utf8) + other)
        }
    }

    @Test("every expectation belongs to a module")
    func orphans() throws {
        let names = Set(Self.fixtures.map { String($0.prefix { $0 != "." }) })
        let expectations = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
            .filter { $0.hasSuffix(".expected") }.map { String($0.dropLast(".expected".count)) }
        #expect(Set(expectations) == names)
        #expect(names.count >= 40)
    }

    @Test("named with \"module\", it is told there")
    func byName() throws {
        try Workplace.with { place in
            try put("not-elf.txt", in: place)
            try place.write(Chains.chain(#"{ "element": "odd", "module": "libodd.so" }"#), to: "chains.json")
            let result = try Catena.run("validate", in: place)
            #expect(result.exit == .status(78))
            #expect(
                result.errors.hasPrefix(
                    "chains.json:6:39: error: /chains/chain/elements/0/module: \(place.path)/libodd.so: cannot be loaded: invalid ELF header (it is no shared library for this machine)"))
        }
    }

    private func put(_ fixture: String, in place: Workplace) throws {
        if fixture.hasSuffix(".txt") {
            try FileManager.default.copyItem(atPath: Self.folder.appending(path: fixture).path, toPath: place.file("libodd.so"))
        } else {
            try FixtureModule.build(String(fixture.dropLast(2)), to: place.file("libodd.so"))
        }
    }
}
