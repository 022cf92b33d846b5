// SPDX-License-Identifier: Apache-2.0
// How many calls have begun and not ended. One count decides when an engine is idle: an event may follow from a call from outside
// and the other way round, so neither kind can be waited for alone.

internal import Synchronization

/// Counts calls, so that whoever stops an engine can wait for the last one.
final class CallsUnderWay: Sendable {
    private struct State {
        var outside = 0
        var inside = 0
        var waiters: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    /// Calls from outside, and events and client calls of elements.
    var counts: (outside: Int, inside: Int) { state.withLock { ($0.outside, $0.inside) } }

    func begin(isOutside: Bool) {
        state.withLock { isOutside ? ($0.outside += 1) : ($0.inside += 1) }
    }

    func end(isOutside: Bool) {
        let waiters: [@Sendable () -> Void] = state.withLock { state in
            isOutside ? (state.outside -= 1) : (state.inside -= 1)
            guard state.outside + state.inside == 0 else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter() }
    }

    /// Calls `done` when no call is under way; at once if there is none.
    func whenNone(_ done: @escaping @Sendable () -> Void) {
        let isNone = state.withLock { state in
            guard state.outside + state.inside > 0 else { return true }
            state.waiters.append(done)
            return false
        }
        if isNone { done() }
    }
}
