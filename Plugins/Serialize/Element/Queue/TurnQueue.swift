// SPDX-License-Identifier: Apache-2.0
// Who has the turn of one connection, and who waits for it, as a value: it is told what happened and answers what to do. It has
// no clock and calls nobody. Everything comes on the connection's loop, so that there is no lock.

/// The turns of one connection id.
///
/// Who gets a turn tells its end; the turn then passes to who has waited longest.
struct TurnQueue<Call: Equatable, Job> {
    typealias Actions = [Action<Call, Job>]

    /// Who has the turn.
    enum Turn: Equatable {
        case free
        /// On its way through the loop to those who wait. A Request that comes may take it.
        case promised
        case request(isEvent: Bool)
        case close
        case job(UInt64)
        /// Kept for a retry, whose Close is on its way to the anchor.
        case retry
    }

    /// One place in the line.
    struct Place {
        enum Kind {
            case request(isEvent: Bool)
            case close
            /// A Close that ends nothing: another endpoint is to be chosen.
            case reselection
            case job
        }

        let kind: Kind
        /// Of a Request: there is nothing to be done for it before it goes on.
        var isPlain = false
        /// The one that will run: of Requests the newest, of Closes the oldest. nil: a job, which is in ``jobs``.
        var call: Call?
        /// Those who will be answered as it is, in the order they came.
        var others: [Call] = []

        var isClose: Bool { if case .close = kind { true } else { false } }
        /// A Request from outside that runs for itself alone, as it is.
        var plainCall: Call? {
            guard case .request(isEvent: false) = kind, isPlain, others.isEmpty else { return nil }
            return call
        }
        var calls: [Call] { others + [call].compactMap(\.self) }
    }

    var turn = Turn.free
    /// Whether there is a connection that a Close would end.
    var isOpen = false
    /// The Request that has the turn came to an open connection.
    var isRefresh = false
    /// Whether jobs and events of the incarnation may come: a Request has made its executor, and nothing has removed it.
    var hasExecutor = false
    /// The executor was cancelled in this turn, with which the incarnation ends.
    var isCancelled = false
    var isRetryArmed = false
    var line = Line<Place>()
    /// The jobs that have a place in the line, in its order. Beside it: most places are a Request's, and are small and cheap to move.
    var jobs = Line<Job>()
    /// Those who are answered as the call that runs.
    var followers: [Call] = []
    /// How many Requests and jobs wait. Whoever follows a Request that runs waits too.
    var load = 0
    /// How many Closes have failed in a row, while the connection is kept for the next; 0: it is not.
    var failures = 0
    /// The job that has the turn, while it has not begun.
    var beginning: Job?
    private var jobNumber: UInt64 = 0

    /// A Close has failed, and another one is to come.
    var isKept: Bool { failures > 0 }

    /// What the host knows counts while the queue has no part in it.
    /// - Parameter isOpen: whether it knows an open connection, or one that is kept.
    mutating func look(isOpen: Bool) {
        if turn == .retry, !isOpen { turn = .free }
        guard turn == .free else { return }
        self.isOpen = isOpen
        if !isOpen { failures = 0 }
        hasExecutor = isOpen && !isKept
    }

    // MARK: Passing

    /// The turn passes to who has waited longest.
    mutating func pass(_ actions: inout Actions) {
        turn = .free
        while turn == .free, let next = line.popFirst() { give(next, &actions) }
    }

    private mutating func give(_ next: Place, _ actions: inout Actions) {
        switch (next.kind, next.call) {
        case (.job, _):
            guard let job = jobs.popFirst() else { return }
            load -= 1
            begin(job, &actions)
        case (.request(let isEvent), let call?):
            load -= 1
            beginRequest(isEvent: isEvent, &actions)
            followers = next.others
            actions.append(.run(call, .request(isPlain: next.isPlain)))
        case (.close, let call?), (.reselection, let call?):
            guard isOpen else {
                return actions += next.calls.map { .answer($0, .done) }
            }
            turn = .close
            followers = next.others
            actions.append(.run(call, .close))
        case (_, nil): break
        }
    }

    /// A Request makes the executor of its incarnation, and ends the retries of the one before.
    mutating func beginRequest(isEvent: Bool, _ actions: inout Actions) {
        forgetRetry(&actions)
        isRefresh = isOpen && !isKept
        failures = 0
        hasExecutor = true
        turn = .request(isEvent: isEvent)
    }

    mutating func begin(_ job: Job, _ actions: inout Actions) {
        jobNumber += 1
        turn = .job(jobNumber)
        beginning = job
        actions.append(.runJob(jobNumber))
    }

    mutating func forgetRetry(_ actions: inout Actions) {
        guard isRetryArmed else { return }
        isRetryArmed = false
        actions.append(.forgetRetry)
    }

    /// Whoever had the turn is done with it.
    mutating func giveUpTurn(_ rules: TurnRules, _ actions: inout Actions) {
        if isCancelled { (isOpen, isCancelled, failures) = (false, false, 0) }
        if isOpen, !isKept { return pass(&actions) }
        removeExecutor(&actions)
        guard !isOpen else { return pass(&actions) }
        // Closes that wait, wait for the end of what has ended just now.
        drop(&actions) { if case .close = $0 { .done } else { nil } }
        if rules.failsOnRace, !line.isEmpty {
            turn = .promised
            return actions.append(.passThroughLoop)
        }
        pass(&actions)
    }

    /// Jobs and events that wait are of an incarnation that has no executor any more.
    mutating func removeExecutor(_ actions: inout Actions) {
        hasExecutor = false
        drop(&actions) { kind in
            switch kind {
            case .job, .request(isEvent: true): .refused(.cancelled)
            case .reselection: .done
            case .request, .close: nil
            }
        }
    }

    /// Takes out of the line whom nobody gives a turn any more.
    /// - Parameter answer: what they are told; nil: they stay.
    mutating func drop(_ actions: inout Actions, _ answer: (Place.Kind) -> Answer?) {
        guard !line.isEmpty else { return }
        var told: Actions = []
        var left = load
        line.keep { place in
            guard let answer = answer(place.kind) else { return true }
            switch (place.kind, answer) {
            // Nobody drops one job and keeps another, so the first of them is the one at this place.
            case (.job, .refused(let why)):
                guard let job = jobs.popFirst() else { return false }
                told.append(.refuse(job, why))
                left -= 1
            case (.request, _): left -= place.calls.count
            default: break
            }
            told += place.calls.map { .answer($0, answer) }
            return false
        }
        load = left
        actions += told
    }
}
