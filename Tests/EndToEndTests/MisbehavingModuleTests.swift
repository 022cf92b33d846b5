// SPDX-License-Identifier: Apache-2.0
// The other half of the zoo: modules that load well and then break a rule while they run. What the caller is told and what the host
// logs stands beside each; the host and its other chain go on.
// After a change of wording, CATENA_RECORD_FIXTURES=1 writes what is printed now; the test fails then, so that someone reads the diff.

import Foundation
import ModuleTestSupport
import Testing

@EndToEnd
@Suite("a module that breaks a rule while it runs is named, and harms nobody else")
struct MisbehavingModuleTests {
    nonisolated static let folder = FixtureModule.folder.appending(path: "running")

    nonisolated static let fixtures = try! FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { $0.hasSuffix(".c") && !["crashes.c", "never-starts.c"].contains($0) }.map { String($0.dropLast(2)) }.sorted()

    private static func config(onFault: String = "fail") -> String {
        """
        {
          "modulePath": ["."],
          "chains": {
            "chain": {
              "listen": ["tcp://127.0.0.1:0"],
              "elements": [{ "element": "odd", "onFault": "\(onFault)" }, { "element": "slow", "module": "libodd.so" }]
            },
            "other": { "listen": ["tcp://127.0.0.1:0"], "elements": [\(Chains.updatepath("other"))] }
          }
        }

        """
    }

    @Test("the zoo", arguments: fixtures)
    func zoo(fixture: String) throws {
        try Workplace.with { place in
            try FixtureModule.build("running/\(fixture)", to: place.file("libodd.so"))
            try RunningHost.with(Self.config(), in: place) { host in
                let url = try host.url(of: "chain")
                var printed = ""
                for number in 1...2 {
                    let result = try Catena.run("request", "--url", url, "--service", "s", "--id", "one", "--timeout", "1s", in: place)
                    // Who says first that the time is over, the host or the command, is left to chance.
                    let isLate = result.errors.contains("DEADLINE_EXCEEDED")
                    let told = isLate ? "catena: error: DEADLINE_EXCEEDED\n" : result.errors
                    printed += "call \(number): \(result.exit == .status(0) ? "good\n" : told)"
                    if fixture == "never-resumes" { break }
                }
                // One that never resumes is waited for 5 s after it was told to let go.
                try host.process.awaitError("element misbehaves")
                let other = try Catena.run("request", "--url", try host.url(of: "other"), "--service", "s", in: place)
                #expect(other.exit == .status(0), "\(other.errors)")
                #expect(try host.status().engine.holdings.calls == 0)
                #expect(try host.stop() == .status(0))
                printed += Self.misbehaviour(in: host.process.errors).replacingOccurrences(of: place.path, with: "FOLDER")

                let file = Self.folder.appending(path: "\(fixture).expected")
                if ProcessInfo.processInfo.environment["CATENA_RECORD_FIXTURES"] != nil {
                    try Data(printed.utf8).write(to: file)
                    Issue.record("recorded \(fixture).expected: read it, then run without CATENA_RECORD_FIXTURES")
                }
                #expect(try printed == String(contentsOf: file, encoding: .utf8))
            }
        }
    }

    @Test("with onFault disable the instance is out of use: refused by name, shown in the status, and the other chain goes on")
    func disable() throws {
        try Workplace.with { place in
            try FixtureModule.build("running/verdict-out-of-range", to: place.file("libodd.so"))
            try RunningHost.with(Self.config(onFault: "disable"), in: place) { host in
                let url = try host.url(of: "chain")
                let first = try Catena.run("request", "--url", url, "--service", "s", in: place)
                #expect(first.errors == "catena: error: INTERNAL: chain/odd: the element answered request with 77, which is no verdict\n")
                let second = try Catena.run("request", "--url", url, "--service", "s", in: place)
                #expect(
                    second.errors
                        == "catena: error: UNAVAILABLE: chain/odd: the element is out of use since it broke a rule (it answered request with 77, which is no verdict): restart the host to use it again\n")
                let status = try Catena.run("status", "--control", host.control, in: place)
                #expect(status.output.contains("chain/odd   odd 1          1       0         2       1  out of use\n"), "\(status.output)")
                #expect(try Catena.run("request", "--url", try host.url(of: "other"), "--service", "s", in: place).exit == .status(0))
            }
        }
    }

    /// Lines about elements that misbehave, without the time.
    private static func misbehaviour(in log: String) -> String {
        log.split(separator: "\n").filter { $0.contains("element misbehaves") }
            .map { line in line.firstRange(of: " error ").map { "error \(line[$0.upperBound...])\n" } ?? "\(line)\n" }.joined()
    }
}
