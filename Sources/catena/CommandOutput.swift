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
        write(text.hasSuffix("\n") ? text : "\(text)\n")
    }

    /// The same without a line feed of its own.
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }

    /// Writes what was asked for to standard output, whole.
    ///
    /// - Throws: the exit status when that is not possible, after the reason was told. A reader that has what it wanted and went
    ///   is told nothing: the status is 141, as of a program that SIGPIPE ends.
    static func data(_ text: String) throws(ExitCode) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE {
                throw ExitCode(141)
            } else if errno == EAGAIN {
                var standardOutput = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                _ = poll(&standardOutput, 1, -1)
            } else if errno != EINTR {
                note("catena: error: cannot write to standard output: \(String(cString: strerror(errno)))")
                throw ExitCode(69)
            }
        }
    }

    /// Prints why a command ends, and gives the exit status that says so.
    static func failure(_ error: HostError) -> ExitCode {
        note(error.diagnostics.isEmpty ? "catena: error: \(error.message)" : error.message)
        return error.code == .config ? ExitCode(78) : ExitCode(69)
    }

    static var logger: Logger { Logger(label: "catena") { StreamLogHandler.standardError(label: $0) } }
}
