// SPDX-License-Identifier: Apache-2.0
// A job of the executor has the turn. The anchor lends it, and the engine knows to whom: what that element starts just after itself
// is allowed meanwhile, and one that never gives back is named.

internal import CatenaABI
internal import Synchronization

/// Who has the turn of a connection for a job, and until when at most. On the connection's loop.
final class Loan: TimerNode {
    /// Both are the engine's, and outlive it.
    unowned(unsafe) let to: Instance
    private unowned(unsafe) let anchor: Instance
    private unowned let connection: Connection
    private let executor: UnsafePointer<catena_executor>
    private let job: catena_job
    /// Its time is over, and it ends with what it has below.
    private(set) var isLate = false

    init(of connection: Connection, by anchor: Instance, to instance: Instance, _ executor: UnsafePointer<catena_executor>, _ job: catena_job) {
        self.connection = connection
        self.anchor = anchor
        to = instance
        self.executor = executor
        self.job = job
    }

    override func fire() {
        let engine = connection.chain.engine
        isLate = true
        engine.misbehaved(to, BrokenRule.neverFinished(connection.idText))
        guard let call = connection.turn.below?.takeUnretainedValue() else { return giveBack() }
        call.cancel(CallError(CATENA_DEADLINE_EXCEEDED, "the job that began it did not finish in time", origin: to.path))
    }

    /// The anchor is told in the job's place. Not inside a hook.
    func giveBack() {
        guard connection.turn.loan === self else { return }
        connection.endLoan()
        guard !anchor.isDisabled else { return connection.passOn() }
        anchor.sites.run(.posted, for: connection) { executor.pointee.finish(executor.pointee.ctx, job) }
        // After what the anchor may have posted to take the turn back.
        let connection = connection
        connection.home.post { connection.passOn() }
    }
}

extension Connection {
    /// The anchor lends the turn, which is free but for what an earlier job has left below.
    ///
    /// - Returns: false if it is not.
    func lend(_ loan: Loan) -> Bool {
        guard turn.loan == nil, turn.ending == nil, turn.below?._withUnsafeGuaranteedRef({ $0.isPartial }) != false else { return false }
        turn.loan = loan
        lentTo.store(loan.to.number + 1, ordering: .releasing)
        let options = chain.engine.options
        home.arm(loan, at: home.loop.now().addingSaturated(options.eventTimeout).addingSaturated(options.grace))
        if chain.engine.isAborting { hurryLoan() }
        return true
    }

    /// The host waits for nobody any more.
    func hurryLoan() {
        guard let loan = turn.loan, !loan.isLate else { return }
        home.arm(loan, at: home.loop.now().addingSaturated(Call.lastPatience))
    }

    /// The turn is the anchor's again.
    func endLoan() {
        guard let loan = turn.loan.take() else { return }
        lentTo.store(0, ordering: .releasing)
        home.disarm(loan)
    }

    /// Does a job of this element have the turn? From any thread.
    func isLent(to instance: Instance) -> Bool { lentTo.load(ordering: .acquiring) == instance.number + 1 }
}
