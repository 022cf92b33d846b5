// SPDX-License-Identifier: Apache-2.0
// The executor of the connections: jobs come from any thread, and are brought to the loop of their connection, where they wait for
// its turn like calls.
internal import CatenaElement
internal import Synchronization

/// Jobs that have a turn, by the numbers they are known by.
struct RunningJobs {
    struct Place {
        let connection: Connection
        /// In the queue of its connection.
        let number: UInt64
    }

    private var places: [UInt64: Place] = [:]
    private var last: UInt64 = 0

    mutating func add(_ place: Place) -> UInt64 {
        last += 1
        places[last] = place
        return last
    }

    mutating func take(_ number: UInt64) -> Place? { places.removeValue(forKey: number) }
}

extension TurnKeeper: JobQueue {
    func add(_ job: QueuedJob, for connection: Connection) -> Bool {
        let isOnItsWay = home(of: connection).post(
            { [self] turns in land(WaitingJob(job: job, connection: connection), &turns) },
            ended: { [self] in job.refuse(error(.cancelled, id(of: connection))) })
        if !isOnItsWay { job.refuse(error(.cancelled, id(of: connection))) }
        return isOnItsWay
    }

    /// A job has come to its loop, where it waits its turn. That its incarnation may have ended meanwhile shows when it has it.
    private func land(_ job: WaitingJob, _ turns: inout Turns) {
        let isOpen = isOpen(job.connection)
        guard turns.queue.turn != .free || isOpen else { return job.job.refuse(error(.cancelled, id(of: job.connection))) }
        turn(&turns, of: job.connection) { queue, actions in queue.add(job, isOpen: isOpen, rules, &actions) }
    }

    func finish(_ number: UInt64) {
        guard let place = running.withLock({ $0.take(number) }) else { return }
        home(of: place.connection).post { [self] turns in finished(place, &turns) }
    }

    func cancel(_ connection: Connection) -> Bool {
        home(of: connection).post { [self] turns in end(connection, &turns) }
    }

    private func end(_ connection: Connection, _ turns: inout Turns) {
        let isOpen = isOpen(connection)
        let hasExecutor = turns.queue.turn == .free ? isOpen && !turns.queue.isKept : turns.queue.hasExecutor
        guard hasExecutor, host.anchor.end(connection, why: .removed) else { return }
        turns.returned = nil
        turn(&turns, of: connection) { queue, actions in _ = queue.cancel(isOpen: isOpen, rules, &actions) }
    }

    private func finished(_ place: RunningJobs.Place, _ turns: inout Turns) {
        executor.withLock { $0 }?.takeBack(place.connection)
        let isOpen = isOpen(place.connection)
        turn(&turns, of: place.connection) { queue, actions in
            _ = queue.jobFinished(place.number, isOpen: isOpen, rules, &actions)
        }
    }

    /// A job has the turn. It begins outside of hooks.
    func begin(_ number: UInt64, _ turns: inout Turns, _ more: inout Queue.Actions) {
        guard let connection = turns.queue.beginning?.connection else { return }
        let isOnItsWay = home(of: connection).post { [self] turns in begin(number, connection, &turns) }
        guard !isOnItsWay, let job = turns.queue.takeJob(number) else { return }
        more.append(.refuse(job, .cancelled))
        _ = turns.queue.jobFinished(number, isOpen: turns.queue.isOpen, rules, &more)
    }

    private func begin(_ number: UInt64, _ connection: Connection, _ turns: inout Turns) {
        guard let job = turns.queue.takeJob(number)?.job else { return }
        let name = running.withLock { $0.add(RunningJobs.Place(connection: connection, number: number)) }
        do throws(ElementError) {
            guard let executor = executor.withLock({ $0 }) else { throw error(.cancelled, id(of: connection)) }
            try executor.run(job, as: name, for: connection)
        } catch {
            _ = running.withLock { $0.take(name) }
            job.refuse(self.error(.cancelled, id(of: connection)))
            turn(&turns, of: connection) { queue, actions in
                _ = queue.jobFinished(number, isOpen: queue.isOpen, rules, &actions)
            }
        }
    }
}
