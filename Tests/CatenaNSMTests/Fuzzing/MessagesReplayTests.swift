// SPDX-License-Identifier: Apache-2.0
// What the fuzzer has kept is tried again with every test run: what good peers send, what reaches far, and what once failed.

import Foundation
import Testing

@Suite("Bytes of a message that a fuzzer has kept")
struct MessagesReplayTests {
    /// The inputs in a folder of Tests/Fuzz, by name.
    private static func inputs(_ folder: String) throws -> [(name: String, bytes: [UInt8])] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path = tests.appending(path: "Fuzz/\(folder)/messages")
        // No folder is in git while nothing is in it.
        guard folder == "seeds" || FileManager.default.fileExists(atPath: path.path) else { return [] }
        let names = try FileManager.default.contentsOfDirectory(atPath: path.path).filter { !$0.hasPrefix(".") }
        return try names.sorted().map { ($0, Array(try Data(contentsOf: path.appending(path: $0)))) }
    }

    @Test("keep the promises", arguments: ["seeds", "FailCases"])
    func replay(folder: String) throws {
        let inputs = try Self.inputs(folder)
        #expect(inputs.count >= (folder == "seeds" ? 30 : 0))
        for input in inputs {
            let broken = MessagesPromises.broken(by: input.bytes)
            #expect(broken.isEmpty, "\(folder)/\(input.name): \(broken)")
        }
    }
}
