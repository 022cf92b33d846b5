// SPDX-License-Identifier: Apache-2.0
// What has to be done, by what is known: who heals, whether another endpoint is chosen, when the next attempt is, and when there is
// none any more.

extension HealState {
    private enum Need: Equatable {
        case nothing
        /// The next word is somebody else's.
        case patience
        case healing(HealCause)
    }

    private var need: Need {
        switch sight {
        case .up: isDead ? .healing(.dead) : .nothing
        case .deleted: .healing(.deleted)
        case .missing: .healing(.missing)
        case .down where isDead: .healing(.dead)
        case .down: role == .client && isOverdue ? .healing(.down) : .patience
        case .lost: role == .client && isOverdue && !hasTriedLost ? .healing(.lost) : .patience
        }
    }

    /// Whether another endpoint is to be chosen: always if nothing gets through or others did not heal in time; where the next hop
    /// has lost the connection, unless a check says that it still carries something.
    private func choosesAnother(_ cause: HealCause) -> Bool {
        guard role == .client else { return false }
        return switch cause {
        case .dead, .down, .lost: true
        case .deleted, .missing: isDead || rules.maxFailures == nil
        }
    }

    /// Does what is to be done now.
    mutating func settle(_ moment: HealMoment, _ actions: inout Actions) {
        switch phase {
        case .new, .closing, .healing(.requesting), .healing(.yielding): return
        case .up, .suspect, .healing(.queued), .healing(.pausing), .gaveUp: break
        }
        switch need {
        case .nothing:
            leaveStep(&actions)
            becomeUp(&actions)
        case .patience: suspect(&actions)
        case .healing(let cause): heal(cause, moment, &actions)
        }
    }

    private mutating func suspect(_ actions: inout Actions) {
        if phase != .suspect {
            leaveStep(&actions)
            phase = .suspect
            actions.append(.note(.suspect(sight)))
        }
        guard role == .client, !isOverdue, !isTimed else { return }
        wait(rules.reselectAfter, &actions)
    }

    private mutating func heal(_ cause: HealCause, _ moment: HealMoment, _ actions: inout Actions) {
        reselects = reselects || choosesAnother(cause)
        if case .healing = phase { return }
        stopWaiting(&actions)
        phase = .healing(.pausing)
        actions.append(.note(.heals(cause, reselects: reselects)))
        proceed(moment, &actions)
    }

    // MARK: Attempts

    /// An attempt, but not too soon after the last Request: what the next hop said before that may be heard after it.
    mutating func proceed(_ moment: HealMoment, _ actions: inout Actions) {
        let quiet = moment.now - min(lastRequest, moment.now)
        if quiet / 2 >= rules.backoffMax { pace = 0 }
        let pause = rules.pause(after: pace, chance: moment.chance)
        guard quiet < pause else { return attempt(moment, &actions) }
        phase = .healing(.pausing)
        wait(pause - quiet, &actions)
    }

    mutating func attempt(_ moment: HealMoment, _ actions: inout Actions) {
        if let until = moment.until, until <= moment.now { return giveUp(isExpired: true, &actions) }
        if isSpent { return giveUp(isExpired: false, &actions) }
        if isAsked { return phase = .healing(.yielding) }
        // One that was withdrawn has not ended yet.
        guard own == nil else { return phase = .healing(.requesting) }
        phase = .healing(.queued)
        hasPlace = true
        actions.append(.askForPlace)
    }

    private var isSpent: Bool { rules.maxAttempts > 0 && attempts >= rules.maxAttempts }

    mutating func countAttempt(_ moment: HealMoment) {
        attempts += 1
        pace += 1
        lastRequest = moment.now
        if sight == .lost { hasTriedLost = true }
    }

    mutating func attemptFailed(_ moment: HealMoment, _ actions: inout Actions) {
        switch need {
        case .nothing: return becomeUp(&actions)
        case .patience: return suspect(&actions)
        case .healing(let cause): reselects = reselects || choosesAnother(cause)
        }
        if isSpent { return giveUp(isExpired: false, &actions) }
        let pause = rules.pause(after: pace, chance: moment.chance)
        if let until = moment.until, until - min(moment.now, until) <= pause { return giveUp(isExpired: true, &actions) }
        phase = .healing(.pausing)
        actions.append(.note(.failed(attempt: attempts, pause: pause)))
        wait(pause, &actions)
    }

    mutating func giveUp(isExpired: Bool, _ actions: inout Actions) {
        leaveStep(&actions)
        phase = .gaveUp
        actions.append(.note(.givesUp(attempts: attempts, isExpired: isExpired)))
    }

    // MARK: Up

    mutating func becomeUp(_ actions: inout Actions) {
        noteUp(&actions)
        phase = .up
        attempts = 0
        (isOverdue, reselects, hasTriedLost) = (false, false, false)
    }

    mutating func noteUp(_ actions: inout Actions) {
        switch phase {
        case .suspect, .healing, .gaveUp: actions.append(.note(.isUp(attempts: attempts)))
        case .new, .up, .closing: break
        }
    }
}
