// SPDX-License-Identifier: Apache-2.0
// What happened, in order, as one list of short lines: a test states the whole list, so that a hook too many is as wrong as one
// too few. It also notices a hook that runs inside another one on the same thread.

import Glibc
import Synchronization

final class Journal: Sendable {
    private struct State {
        var lines: [String] = []
        var hookDepth: [pthread_t: Int] = [:]
        var nested: [String] = []
    }

    private let state = Mutex(State())

    func record(_ line: String) { state.withLock { $0.lines.append(line) } }

    /// Everything so far.
    var lines: [String] { state.withLock { $0.lines } }

    /// Everything since the last `take`.
    func take() -> [String] {
        state.withLock { state in
            defer { state.lines = [] }
            return state.lines
        }
    }

    /// Hooks that ran inside another hook.
    var nested: [String] { state.withLock { $0.nested } }

    func inHook<Result>(_ name: String, _ body: () -> Result) -> Result {
        let me = pthread_self()
        state.withLock { state in
            if state.hookDepth[me, default: 0] > 0 { state.nested.append(name) }
            state.hookDepth[me, default: 0] += 1
        }
        defer { state.withLock { $0.hookDepth[me, default: 0] -= 1 } }
        return body()
    }
}
