// SPDX-License-Identifier: Apache-2.0
// What is learned without asking: from the next hop's monitor, from the liveness check, and from time.

extension HealState {
    /// The next hop has said something, or cannot say anything.
    mutating func sees(_ sight: HealSight, _ moment: HealMoment, _ actions: inout Actions) {
        guard isWatched else { return }
        if phase == .gaveUp || (self.sight == .lost && sight != .lost) { attempts = 0 }
        if sight != .lost { hasTriedLost = false }
        self.sight = sight
        settle(moment, &actions)
    }

    /// A check has ended.
    mutating func checked(isAlive: Bool, _ moment: HealMoment, _ actions: inout Actions) {
        guard isWatched else { return }
        let wasDead = isDead
        failures = isAlive ? 0 : min(failures + 1, rules.maxFailures ?? 0)
        guard isDead != wasDead, phase != .gaveUp || isAlive else { return }
        settle(moment, &actions)
    }

    /// The time of ``HealAction/wait(_:)`` has passed.
    mutating func timeIsUp(_ moment: HealMoment, _ actions: inout Actions) {
        guard isTimed else { return }
        isTimed = false
        switch phase {
        case .suspect:
            isOverdue = true
            settle(moment, &actions)
        case .healing(.pausing): attempt(moment, &actions)
        case .new, .up, .healing, .gaveUp, .closing: break
        }
    }
}
