// SPDX-License-Identifier: Apache-2.0
// Two streams with two meanings: what was asked for goes to standard output, everything about it to standard error.

import ArgumentParser
import CatenaHost
import Foundation
import Glibc
import Logging

/// Writes for people to standard error; standard output stays for data.
enum CommandOutput {
    /// A reader that has gone is no reason to end: what cannot be written is lost, and nothing else.
    static func note(_ text: String) {
        let bytes = Array((text.hasSuffix("\n") ? text : "\(text)\n").utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }

    /// Prints why a command ends, and gives the exit status that says so.
    static func failure(_ error: HostError) -> ExitCode {
        note(error.diagnostics.isEmpty ? "catena: error: \(error.message)" : error.message)
        return error.code == .config ? ExitCode(78) : ExitCode(69)
    }

    static var logger: Logger { Logger(label: "catena") { StreamLogHandler.standardError(label: $0) } }
}
