// SPDX-License-Identifier: Apache-2.0
// Requests of the connection: those that this element wanted, and those of others, which take their place.

extension HealState {
    /// A Request of somebody else comes by. What was to be done here waits for its end.
    mutating func requestBegins(_ actions: inout Actions) {
        isAsked = true
        withdraw(&actions)
        guard case .healing = phase else { return }
        leaveStep(&actions)
        phase = .healing(.yielding)
    }

    /// A Request has come back well where ``isQuiet`` says that this is all.
    mutating func refreshed() { isAsked = false }

    /// A Request has come back well, whoever began it.
    mutating func requestSucceeded(_ moment: HealMoment, _ actions: inout Actions) {
        if isAsked { withdraw(&actions) } else { own?.isSettled = true }
        isAsked = false
        leaveStep(&actions)
        lastRequest = moment.now
        failures = 0
        sight = .up
        becomeUp(&actions)
        startWatching(&actions)
    }

    /// A Request has come back with an error. The end of one of this element is told by ``ownEnded(_:_:_:)``.
    mutating func requestFailed(_ moment: HealMoment, _ actions: inout Actions) {
        guard isAsked else { return }
        isAsked = false
        guard phase == .healing(.yielding) else { return }
        countAttempt(moment)
        attemptFailed(moment, &actions)
    }

    /// The Request of ``HealAction/request(reselects:)`` has ended.
    mutating func ownEnded(_ end: HealEnd, _ moment: HealMoment, _ actions: inout Actions) {
        guard let own = own.take() else { return }
        leavePlace(&actions)
        if end == .succeeded, !own.isSettled, phase != .closing { return requestSucceeded(moment, &actions) }
        if !own.isSettled {
            if end == .failed(isUnanswered: true), sight != .lost { actions.append(.retireTransport) }
            // What was there has been closed for another endpoint.
            if own.reselects, sight != .lost { sight = .deleted }
        }
        guard phase == .healing(.requesting) else { return }
        if own.isSettled { proceed(moment, &actions) } else { attemptFailed(moment, &actions) }
    }

    /// As few heal as may: a place is free.
    mutating func placeIsFree(_ moment: HealMoment, _ actions: inout Actions) {
        guard phase == .healing(.queued) else { return }
        if let until = moment.until, until <= moment.now { return giveUp(isExpired: true, &actions) }
        countAttempt(moment)
        own = Own(reselects: reselects)
        phase = .healing(.requesting)
        actions.append(.request(reselects: reselects))
    }
}
