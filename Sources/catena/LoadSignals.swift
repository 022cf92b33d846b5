// SPDX-License-Identifier: Apache-2.0
// What a user who has seen enough can do: the first signal ends the load in good order, the second one the process.

import CatenaHost
import CatenaLoad
import Glibc
import Synchronization

/// Ends a load on SIGINT, SIGTERM and SIGHUP, for as long as it lives.
final class LoadSignals: Sendable {
    private let stream: AsyncStream<CInt>

    init(_ run: LoadRun) {
        let isEnding = Flag()
        stream = Signals.stream([SIGINT, SIGTERM, SIGHUP]) { signal in
            if isEnding.value.exchange(true, ordering: .acquiringAndReleasing) {
                Self.note("catena: ended at once; connections may be left open")
                Signals.end(by: signal)
            }
            Self.note("catena: ending; the connections are closed first, unless you press Ctrl-C again")
            run.stop()
            return true
        }
    }

    /// On a terminal below what stands in the line: progress, and the ^C that was typed.
    private static func note(_ text: String) {
        CommandOutput.note(isatty(STDERR_FILENO) == 1 ? "\n\(text)" : text)
    }

    private final class Flag: Sendable {
        let value = Atomic(false)
    }
}
