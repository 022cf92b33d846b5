// SPDX-License-Identifier: Apache-2.0
// A server may refuse a stream although it announced room for it: some count a stream until the thread that served it has come to
// rest. Asking again at once would only be refused again, so fewer are begun for a while, and more again when that goes well.
internal import NIOCore

/// How many streams a connection begins at once, beside what the peer's settings allow.
struct StreamAllowance {
    /// Streams that end well before one more is tried.
    private static let endingsPerStep = 32
    private static let firstPause = TimeAmount.milliseconds(10)
    private static let doublingLimit = 6

    /// Streams that may be open; `.max` as long as none was refused.
    private(set) var limit = Int.max
    /// Nothing is begun until a stream ends well or ``pauseOver()``.
    private(set) var isPaused = false
    private var refusals = 0
    private var endings = 0

    /// A stream was refused while `open` others were open.
    ///
    /// - Returns: how long to pause, if no stream ends well before.
    mutating func refused(open: Int) -> TimeAmount {
        limit = max(1, min(limit, open))
        endings = 0
        isPaused = true
        defer { refusals += 1 }
        return Self.firstPause * Int64(1 << min(refusals, Self.doublingLimit))
    }

    /// A stream was answered; `peerLimit` is what the settings allow.
    mutating func endedWell(peerLimit: Int) {
        guard limit != .max else { return }
        isPaused = false
        refusals = 0
        endings += 1
        guard endings == Self.endingsPerStep else { return }
        endings = 0
        limit = limit + 1 < peerLimit ? limit + 1 : .max
    }

    mutating func pauseOver() { isPaused = false }
}
