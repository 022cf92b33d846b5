// SPDX-License-Identifier: Apache-2.0
// Runs a tool of the machine, as a compiler or make, for tests of what lies outside the package. Its output goes to the
// test's own, where a failure is read.
internal import Foundation

enum Tool {
    /// - Returns: the tool's exit code.
    static func run(_ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
