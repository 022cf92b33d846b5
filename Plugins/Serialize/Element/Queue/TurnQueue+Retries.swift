// SPDX-License-Identifier: Apache-2.0
// A Close that failed is repeated until it succeeds, the connection's path has expired, or nothing is to be hoped for.

extension TurnQueue {
    /// Retries of a connection whose path never expires.
    static var mostRetries: Int { 10 }

    /// How long after a failure the next try comes: 0.5 s, then twice as long each time, at most 30 s.
    /// - Parameter failures: how many there were in a row.
    static func pause(after failures: Int) -> Duration {
        min(.milliseconds(500) * (1 << min(max(failures, 1) - 1, 10)), .seconds(30))
    }

    /// Whether the connection is kept if the Close that runs has failed.
    /// - Parameter isExpired: whether the path has expired; nil: it never does.
    func keepsAfterFailure(isExpired: Bool?) -> Bool {
        guard isOpen, !isCancelled else { return false }
        return isExpired.map { !$0 } ?? (failures < Self.mostRetries)
    }

    mutating func armRetry(_ actions: inout Actions) {
        guard isKept, turn == .free else { return }
        isRetryArmed = true
        actions.append(.retryLater(failures: failures))
    }

    /// The time for a retry has come. The turn is kept for it, so that no Request passes it on its way.
    mutating func retryIsDue(isOpen: Bool, _ actions: inout Actions) {
        look(isOpen: isOpen)
        guard isRetryArmed, isKept, turn == .free else { return }
        isRetryArmed = false
        turn = .retry
        actions.append(.closeAgain)
    }

    /// The retry's Close is at the anchor.
    mutating func retryHasCome() -> Admission {
        guard turn == .retry else { return .done }
        turn = .close
        return .runs
    }

    /// The retry's Close could not be begun, or has ended on its way.
    mutating func retryIsLost(isOpen: Bool, _ rules: TurnRules, _ actions: inout Actions) {
        guard turn == .retry else { return }
        self.isOpen = isOpen
        if !isOpen { failures = 0 }
        giveUpTurn(rules, &actions)
        armRetry(&actions)
    }
}
