// SPDX-License-Identifier: Apache-2.0
// How turns end: a call has come back, a job has finished, an incarnation is over, or the one that was to run is not there.

extension TurnQueue {
    /// The Request that ran has come back well. If nobody waits, that is all; as for most.
    /// - Returns: false: nothing has happened, and ``requestEnded(isOpen:_:_:)`` is to be told.
    mutating func endsAlone() -> Bool {
        guard case .request = turn, line.isEmpty, followers.isEmpty, !isCancelled else { return false }
        isOpen = true
        turn = .free
        return true
    }

    /// The Request that ran has come back well, and the one that is next can go on as it is; as where many refresh one connection.
    /// - Returns: who has the turn now; nil: nothing has happened, and ``requestEnded(isOpen:_:_:)`` is to be told.
    mutating func passesOn() -> Call? {
        guard case .request = turn, hasExecutor, followers.isEmpty, !isCancelled, let first = line.places.first else { return nil }
        guard let next = line[first].plainCall, line.popFirst() != nil else { return nil }
        load -= 1
        isOpen = true
        isRefresh = true
        turn = .request(isEvent: false)
        return next
    }

    /// The Request that ran has come back.
    /// - Parameter isOpen: whether the connection is open now.
    mutating func requestEnded(isOpen: Bool, _ rules: TurnRules, _ actions: inout Actions) {
        guard case .request = turn else { return }
        self.isOpen = isOpen
        load -= followers.count
        answerFollowers(&actions)
        giveUpTurn(rules, &actions)
    }

    /// The Close that ran has come back.
    mutating func closeEnded(_ end: CloseEnd, _ rules: TurnRules, _ actions: inout Actions) {
        guard turn == .close else { return }
        if end == .refused, let next = followers.first {
            line.prepend(Place(kind: .close, call: next, others: Array(followers.dropFirst())))
            followers = []
        }
        answerFollowers(&actions)
        switch end {
        case .closed: (isOpen, failures) = (false, 0)
        case .kept: failures += 1
        case .unchanged, .refused: break
        }
        giveUpTurn(rules, &actions)
        armRetry(&actions)
    }

    private mutating func answerFollowers(_ actions: inout Actions) {
        guard !followers.isEmpty else { return }
        actions += followers.map { .answer($0, .sameResult) }
        followers = []
    }

    /// The call that was to run is not there any more. The next of those who wanted the same runs in its place.
    mutating func runnerIsGone(isOpen: Bool, _ rules: TurnRules, _ actions: inout Actions) {
        switch turn {
        case .request:
            guard let next = followers.popLast() else { return requestEnded(isOpen: isOpen, rules, &actions) }
            load -= 1
            actions.append(.run(next, .request(isPlain: false)))
        case .close:
            guard followers.isEmpty else { return actions.append(.run(followers.removeFirst(), .close)) }
            self.isOpen = isOpen
            giveUpTurn(rules, &actions)
        case .free, .promised, .job, .retry: break
        }
    }

    // MARK: Jobs

    /// The job whose turn it is, to be run now; nil: it has been refused meanwhile.
    mutating func takeJob(_ number: UInt64) -> Job? {
        turn == .job(number) ? beginning.take() : nil
    }

    /// A job gives its turn back.
    /// - Parameter isOpen: whether the connection is open now.
    /// - Returns: false: it does not have it.
    mutating func jobFinished(_ number: UInt64, isOpen: Bool, _ rules: TurnRules, _ actions: inout Actions) -> Bool {
        guard turn == .job(number) else { return false }
        self.isOpen = isOpen
        beginning = nil
        giveUpTurn(rules, &actions)
        return true
    }

    /// The executor is cancelled, and the host ends the incarnation when nothing is below: what waits in its name is refused, and
    /// all that follows.
    /// - Returns: false: it was before.
    mutating func cancel(isOpen: Bool, _ rules: TurnRules, _ actions: inout Actions) -> Bool {
        look(isOpen: isOpen)
        guard hasExecutor else { return false }
        isCancelled = true
        removeExecutor(&actions)
        if let job = beginning.take() { actions.append(.refuse(job, .cancelled)) } else if turn != .free { return true }
        giveUpTurn(rules, &actions)
        return true
    }

    /// The loop has come round with the turn.
    mutating func turnCameRound(_ actions: inout Actions) {
        if turn == .promised { pass(&actions) }
    }

    /// The record goes: nobody waits but jobs, if any.
    mutating func end(_ actions: inout Actions) {
        if let job = beginning.take() { actions.append(.refuse(job, .cancelled)) }
        removeExecutor(&actions)
    }
}
