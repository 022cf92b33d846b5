// SPDX-License-Identifier: Apache-2.0
// One check of one connection: waiting for a thread, running as a process, or over. Who ends it and who waits for it are on different
// threads, and no process is killed that is another's by now.
internal import Glibc
internal import Synchronization

/// A check that was begun; from ``Checks/begin(_:_:)``. Any thread.
final class Check: Sendable {
    private enum State {
        case waiting
        case running(pid_t)
        /// The process has ended, or is ended; its number may be another's soon.
        case ending
        case over
    }

    private let connection: String
    /// Called while the state is held, so that it is not called after ``cancel()`` has returned: who hears it may be gone then.
    private let heard: @Sendable (Bool) -> Void
    private let state = Mutex(State.waiting)

    init(_ connection: String, _ heard: @escaping @Sendable (Bool) -> Void) {
        self.connection = connection
        self.heard = heard
    }

    /// Ends it: nobody wants to know any more.
    func cancel() {
        state.withLock { state in
            if case .running(let pid) = state { CheckProcess.kill(pid) }
            state = .over
        }
    }

    /// Runs it from beginning to end, on this thread.
    func run(_ command: CheckCommand) {
        guard let process = start(command) else { return }
        let isInTime = process.talk(connection)
        state.withLock { if case .running = $0 { $0 = .ending } }
        let isGood = process.reap()
        state.withLock { state in
            if case .ending = state { heard(isInTime && isGood) }
            state = .over
        }
    }

    /// - Returns: nil: it was ended before, or cannot be started, which says that nothing is alive.
    private func start(_ command: CheckCommand) -> CheckProcess? {
        state.withLock { state in
            guard case .waiting = state else { return nil }
            let process = CheckProcess(command)
            if process == nil { heard(false) }
            state = process.map { .running($0.pid) } ?? .over
            return process
        }
    }
}
