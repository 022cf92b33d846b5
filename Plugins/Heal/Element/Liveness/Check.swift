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
        case over
    }

    private let connection: String
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
        // The number is this process's until it is reaped, and nobody goes by it from here on.
        let isWanted = state.withLock { state in
            defer { state = .over }
            if case .running = state { return true }
            return false
        }
        let isGood = process.reap()
        if isWanted { heard(isInTime && isGood) }
    }

    /// - Returns: nil: it was ended before, or cannot be started, which says that nothing is alive.
    private func start(_ command: CheckCommand) -> CheckProcess? {
        let (process, isWanted) = state.withLock { state -> (CheckProcess?, Bool) in
            guard case .waiting = state else { return (nil, false) }
            let process = CheckProcess(command)
            state = process.map { .running($0.pid) } ?? .over
            return (process, true)
        }
        if process == nil, isWanted { heard(false) }
        return process
    }
}
