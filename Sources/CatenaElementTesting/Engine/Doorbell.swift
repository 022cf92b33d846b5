// SPDX-License-Identifier: Apache-2.0
// How a test waits for what comes from other threads, as an async hook's task: it is woken by the event, and holds no thread
// of Swift's pool meanwhile.
internal import Synchronization

final class Doorbell: Sendable {
    private struct State {
        var isRung = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func ring() {
        let waiting = state.withLock { state in
            defer { state.waiting = nil }
            state.isRung = state.waiting == nil
            return state.waiting
        }
        waiting?.resume()
    }

    /// Returns when the bell has been rung since the last wait. One waits at a time.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isRung = state.withLock { state in
                defer { state.isRung = false }
                if !state.isRung { state.waiting = continuation }
                return state.isRung
            }
            if isRung { continuation.resume() }
        }
    }

    /// As ``wait()``, or until the time is over.
    func wait(atMost span: Duration) async {
        let limit = Task {
            try? await Task.sleep(for: span)
            if !Task.isCancelled { ring() }
        }
        await wait()
        limit.cancel()
    }
}
