// SPDX-License-Identifier: Apache-2.0
// Liveness checks of all connections, on a few threads of their own: a loop never waits for a process. A thread is there while there
// is something to check.
internal import CatenaElement
internal import Glibc
internal import Synchronization

/// Runs the command of a liveness check. Any thread.
final class Checks: Sendable {
    /// Longest connection that a command is given, in bytes.
    static let limit = 1 << 20
    /// How many processes there may be at a time.
    static let parallel = 8

    private struct State {
        /// In the order they came.
        var line: [Check] = []
        var threads = 0
    }

    let interval: Duration
    private let command: CheckCommand
    private let state = Mutex(State())

    init(_ config: LivenessConfig) {
        interval = config.interval
        command = CheckCommand(arguments: config.command, timeout: config.timeout.nanoseconds)
    }

    /// Begins a check.
    /// - Parameters:
    ///   - connection: as JSON.
    ///   - heard: whether it is alive, once, on a thread of no loop, and not after ``Check/cancel()`` has returned. It must not end the
    ///     check by itself.
    func begin(_ connection: String, _ heard: @escaping @Sendable (Bool) -> Void) -> Check {
        let check = Check(connection, heard)
        let needsThread = state.withLock { state in
            state.line.append(check)
            guard state.threads < Self.parallel else { return false }
            state.threads += 1
            return true
        }
        if needsThread { startThread() }
        return check
    }

    /// How many threads there are.
    var threads: Int { state.withLock { $0.threads } }

    private func startThread() {
        var thread = pthread_t(), attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        let checks = Unmanaged.passRetained(self)
        let code = pthread_create(&thread, &attributes, { argument in
            guard let argument else { return nil }
            Unmanaged<Checks>.fromOpaque(argument).takeRetainedValue().work()
            return nil
        }, checks.toOpaque())
        guard code != 0 else { return }
        checks.release()
        // What waits is taken by the next one. Nobody is told anything false of a connection.
        state.withLock { $0.threads -= 1 }
    }

    private func work() {
        // The host's signals are for its own threads, and a command that does not read must not end the host.
        var signals = sigset_t()
        sigfillset(&signals)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        while let check = next() { check.run(command) }
    }

    private func next() -> Check? {
        state.withLock { state in
            guard state.line.isEmpty else { return state.line.removeFirst() }
            state.threads -= 1
            return nil
        }
    }
}
