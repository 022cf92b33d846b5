// SPDX-License-Identifier: Apache-2.0
// The executor of the built-in anchor: a job waits in its queue like a call. What is asked comes from any thread, and is done on
// the connection's loop.
internal import CatenaElement
internal import Synchronization

final class TestJobs: JobQueue {
    /// A job that waits for its turn.
    struct Waiting {
        let job: QueuedJob
        let connection: Connection
        let host: Host

        func refuse() { job.refuse(as: host.connections.id(of: connection) ?? "") }
    }

    private struct State {
        weak var provided: ProvidedExecutor?
        var running: [UInt64: Connection] = [:]
        var cancelled: Set<Connection> = []
        var count: UInt64 = 0
    }

    private let host: Host
    private let state = Mutex(State())

    init(_ host: Host) { self.host = host }

    /// The executor that leads here, which keeps this object.
    func serve(_ provided: ProvidedExecutor) { state.withLock { $0.provided = provided } }

    // MARK: From any thread

    func add(_ job: QueuedJob, for connection: Connection) -> Bool {
        let waiting = Waiting(job: job, connection: connection, host: host)
        let isPosted = !state.withLock { $0.cancelled.contains(connection) } && home(connection).post {
            guard self.host.connections.isEstablished(connection) else { return waiting.refuse() }
            guard !$0.isBusy else { return $0.waiting.append(.job(waiting)) }
            $0.isBusy = true
            self.run(waiting)
        } ended: {
            waiting.refuse()
        }
        if !isPosted { waiting.refuse() }
        return isPosted
    }

    func finish(_ number: UInt64) {
        guard let (connection, provided) = state.withLock({ state in
            state.running.removeValue(forKey: number).flatMap { connection in state.provided.map { (connection, $0) } }
        }) else { return }
        _ = home(connection).post {
            provided.takeBack(connection)
            self.pass(&$0, isOpen: self.host.connections.isEstablished(connection))
        }
    }

    func cancel(_ connection: Connection) -> Bool {
        guard state.withLock({ $0.cancelled.insert(connection).inserted }) else { return false }
        return home(connection).post { slot in
            _ = self.host.anchor.end(connection)
            slot.waiting.removeAll {
                guard case .job(let job) = $0 else { return false }
                job.refuse()
                return true
            }
        }
    }

    // MARK: On the connection's loop

    /// The turn is free.
    func pass(_ slot: inout TestAnchor.Queue, isOpen: Bool) {
        slot.isBusy = false
        while !slot.waiting.isEmpty {
            switch slot.waiting.removeFirst() {
            case .close(let ticket) where !isOpen:
                ticket.resume(.done)
            case .job(let job) where !isOpen:
                job.refuse()
            case .request(let ticket), .close(let ticket):
                guard ticket.resume(.next) else { continue }
                slot.isBusy = true
                return
            case .job(let job):
                slot.isBusy = true
                // Outside of the hook that has passed the turn on.
                _ = home(job.connection).post({ _ in self.run(job) }, ended: job.refuse)
                return
            }
        }
    }

    private func run(_ waiting: Waiting) {
        let (number, provided) = state.withLock { state in
            state.count += 1
            state.running[state.count] = waiting.connection
            return (state.count, state.provided)
        }
        do throws(ElementError) {
            try provided?.run(waiting.job, as: number, for: waiting.connection)
        } catch {
            waiting.refuse()
            finish(number)
        }
    }

    private func home(_ connection: Connection) -> Home<TestAnchor> { Home(connection, of: host) }
}
