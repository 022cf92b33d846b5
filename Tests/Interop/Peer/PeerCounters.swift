// SPDX-License-Identifier: Apache-2.0
// What a server has seen, for the scenarios that ask it: how many connections carried calls, what was cancelled, how far a stream got.

import Synchronization

final class PeerCounters: Sendable {
    private struct State {
        var counts: [String: Int] = [:]
        var peers: Set<String> = []
    }

    private let state = Mutex(State())

    func add(_ name: String, _ number: Int = 1) {
        state.withLock { $0.counts[name, default: 0] += number }
    }

    /// Notes a call and the connection it came by.
    func begin(peer: String) {
        state.withLock { state in
            state.counts["begun", default: 0] += 1
            state.peers.insert(peer)
        }
    }

    var all: [String: Int] {
        state.withLock { state in
            var all = state.counts
            all["connections"] = state.peers.count
            return all
        }
    }
}
