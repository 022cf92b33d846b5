// SPDX-License-Identifier: Apache-2.0
// Progress on standard error: one line that changes where a person looks at it, plain lines where they are kept.

import Glibc

/// Where progress is shown.
struct ProgressLine: Sendable {
    private let changes: Bool

    /// - Parameter wanted: nil when the user did not say; nobody is told anything then unless standard error is a terminal.
    init?(wanted: Bool?) {
        guard wanted ?? (isatty(STDERR_FILENO) == 1) else { return nil }
        changes = wanted == nil
    }

    func show(_ text: String) {
        CommandOutput.write(changes ? "\r\(text)\u{1B}[K" : "\(text)\n")
    }

    /// Makes room for what comes.
    func clear() {
        if changes { CommandOutput.write("\r\u{1B}[K") }
    }
}
