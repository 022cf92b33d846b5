// SPDX-License-Identifier: Apache-2.0
// Two streams with two meanings: what was asked for goes to standard output, everything about it to standard error.

import ArgumentParser
import CatenaHost
import Foundation
import Logging

/// Writes for people to standard error; standard output stays for data.
enum CommandOutput {
    static func note(_ text: String) {
        FileHandle.standardError.write(Data(text.hasSuffix("\n") ? text.utf8 : "\(text)\n".utf8))
    }

    /// Prints why a command ends, and gives the exit status that says so.
    static func failure(_ error: HostError) -> ExitCode {
        note(error.diagnostics.isEmpty ? "catena: error: \(error.message)" : error.message)
        return error.code == .config ? ExitCode(78) : ExitCode(69)
    }

    static var logger: Logger { Logger(label: "catena") { StreamLogHandler.standardError(label: $0) } }
}
