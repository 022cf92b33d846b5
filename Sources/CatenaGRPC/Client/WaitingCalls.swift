// SPDX-License-Identifier: Apache-2.0
// Calls that wait, for a connection or for room on one. One that ends while it waits stays where it is, since looking for it would
// cost; so the queue is swept when it has doubled, and ended calls cannot pile up behind a server that does not move.
internal import NIOCore

/// A queue of calls that passes over those that have ended.
struct WaitingCalls {
    private static let firstSweep = 64

    private var calls = CircularBuffer<ClientCall>()
    private var sweepAt = Self.firstSweep

    /// Nothing waits, not even an ended call.
    var isEmpty: Bool { calls.isEmpty }

    mutating func append(_ call: ClientCall) {
        if calls.count >= sweepAt {
            calls.removeAll { $0.isEnded }
            sweepAt = max(Self.firstSweep, 2 * calls.count)
        }
        calls.append(call)
    }

    mutating func prepend(_ call: ClientCall) { calls.prepend(call) }

    /// The next call that has not ended.
    mutating func popFirst() -> ClientCall? {
        while let call = calls.popFirst() {
            if !call.isEnded { return call }
        }
        return nil
    }

    /// Whether any call still waits.
    mutating func hasLiveCalls() -> Bool {
        calls.removeAll { $0.isEnded }
        return !calls.isEmpty
    }

    /// Gives all that wait, and leaves none.
    mutating func takeAll() -> [ClientCall] {
        defer { self = WaitingCalls() }
        return calls.filter { !$0.isEnded }
    }
}
