// SPDX-License-Identifier: Apache-2.0
// What becomes of one connection that a chain opens, decided without a clock, a socket or a chain: events go in, and what is to be
// done next comes out. Whoever performs it is `OpenedConnection`.

/// The life of one connection in the client role. Times are nanoseconds of one monotonic clock.
struct Opening: Sendable, Equatable {
    enum Phase: Sendable, Equatable {
        /// Not asked for yet. Can become `asking`, or `over`.
        case idle
        /// A Request is under way. Can become `up`, `waiting` or `leaving`.
        case asking
        /// The last Request failed; another one follows. Can become `asking` or `closing`.
        case waiting
        /// A Request succeeded. Can become `closing`.
        case up
        /// The Request that is under way is not wanted any more. Can become `closing`.
        case leaving
        /// A Close is under way. Can become `over`.
        case closing
        /// Nothing is left to be done.
        case over
    }

    enum Action: Sendable, Equatable {
        case nothing
        case request
        /// Ask again after so many nanoseconds.
        case wait(UInt64)
        /// Take the Request back that is under way; its answer is still waited for.
        case leave
        case close
        /// Tell whoever waits for the end.
        case finish
    }

    /// Bounds of the pause between two Requests.
    static let shortestPause: UInt64 = 100_000_000
    static let longestPause: UInt64 = 5_000_000_000

    private(set) var phase = Phase.idle
    /// Since when it is up, asked for, or being closed.
    private(set) var since: UInt64 = 0
    /// Requests that have failed one after another.
    private(set) var failures = 0
    /// Why the last Request failed; nil: none has, since the connection was asked for or was up.
    private(set) var lastError: String?

    /// A Request is under way, wanted or not.
    var isAsking: Bool { phase == .asking || phase == .leaving }

    mutating func begin(at now: UInt64) -> Action {
        guard phase == .idle else { return .nothing }
        (phase, since) = (.asking, now)
        return .request
    }

    /// The pause is over.
    mutating func askAgain() -> Action {
        guard phase == .waiting else { return .nothing }
        phase = .asking
        return .request
    }

    mutating func succeeded(at now: UInt64) -> Action {
        switch phase {
        case .asking:
            self = Opening()
            (phase, since) = (.up, now)
            return .nothing
        case .leaving:
            phase = .closing
            return .close
        case .idle, .waiting, .up, .closing, .over:
            return .nothing
        }
    }

    /// - Parameter jitter: from 0 up to, not including, 1: how much of a fifth the pause is shorter.
    mutating func failed(_ why: String, jitter: Double) -> Action {
        switch phase {
        case .asking:
            phase = .waiting
            failures += 1
            lastError = why
            return .wait(Opening.pause(after: failures, jitter: jitter))
        case .leaving:
            // The answer is not known, so the next hop may have opened it.
            phase = .closing
            return .close
        case .idle, .waiting, .up, .closing, .over:
            return .nothing
        }
    }

    /// The host stops. Whatever was ever asked for is closed: a Request that failed here may have been served there.
    mutating func stop(at now: UInt64) -> Action {
        switch phase {
        case .idle:
            phase = .over
            return .finish
        case .asking:
            (phase, since) = (.leaving, now)
            return .leave
        case .waiting, .up:
            (phase, since) = (.closing, now)
            return .close
        case .leaving, .closing, .over:
            return .nothing
        }
    }

    /// The Close has been answered, well or not.
    mutating func closed() -> Action {
        guard phase == .closing else { return .nothing }
        phase = .over
        return .finish
    }

    /// Twice as long after each failure, within bounds, less up to a fifth: clients that failed together do not come back together.
    static func pause(after failures: Int, jitter: Double) -> UInt64 {
        let doubled = shortestPause << UInt64(min(max(failures, 1) - 1, 16))
        let whole = min(doubled, longestPause)
        return max(shortestPause, whole - UInt64(Double(whole) / 5 * jitter))
    }
}
