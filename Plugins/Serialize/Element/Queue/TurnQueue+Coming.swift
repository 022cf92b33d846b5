// SPDX-License-Identifier: Apache-2.0
// What comes to the queue: Requests, Closes and jobs, each from outside or begun by an element.

extension TurnQueue {
    /// The call that a Request of this kind would join, if both say the same: nobody has come in between.
    func twin(isEvent: Bool) -> Call? {
        guard let last = line.places.last, case .request(isEvent) = line[last].kind else { return nil }
        return line[last].call
    }

    /// A Request has come. If nobody has the turn and there is nothing to be told to anybody, it begins; as most do.
    /// - Returns: false: nothing has happened, and ``request(_:isEvent:isOpen:joins:isPlain:_:_:)`` is to be asked.
    mutating func beginsAtOnce(isOpen: Bool) -> Bool {
        guard turn == .free, !isRetryArmed, !isKept else { return false }
        self.isOpen = isOpen
        isRefresh = isOpen
        hasExecutor = true
        turn = .request(isEvent: false)
        return true
    }

    /// A Request has come.
    /// - Parameters:
    ///   - isEvent: an element has begun it.
    ///   - isOpen: whether the host knows an open connection.
    ///   - joins: it says the same as its ``twin(isEvent:)``.
    ///   - isPlain: there is nothing to be done for it before it goes on.
    mutating func request(
        _ call: Call, isEvent: Bool = false, isOpen: Bool, joins: Bool = false, isPlain: Bool = false, _ rules: TurnRules,
        _ actions: inout Actions
    ) -> Admission {
        look(isOpen: isOpen)
        if isEvent, !hasExecutor { return .refused(.cancelled) }
        switch turn {
        case .free: break
        case .promised: drop(&actions) { _ in .refused(.race) }
        case .request, .close, .job, .retry: return lineUp(call, isEvent, joins, isPlain, rules)
        }
        beginRequest(isEvent: isEvent, &actions)
        return .runs
    }

    /// A Request from outside has come, and somebody has the turn; as with most that do not begin at once.
    /// - Returns: nil: nothing has happened, and ``request(_:isEvent:isOpen:joins:isPlain:_:_:)`` is to be asked.
    mutating func waits(_ call: Call, joins: Bool, isPlain: Bool, _ rules: TurnRules) -> Admission? {
        switch turn {
        case .free, .promised, .retry: nil
        case .request, .close, .job: lineUp(call, false, joins, isPlain, rules)
        }
    }

    private mutating func lineUp(_ call: Call, _ isEvent: Bool, _ joins: Bool, _ isPlain: Bool, _ rules: TurnRules) -> Admission {
        guard load < rules.limit else { return .refused(.full) }
        load += 1
        if joins, let twin = twin(isEvent: isEvent), let last = line.places.last {
            line[last].others.append(twin)
            line[last].call = call
        } else {
            line.append(Place(kind: .request(isEvent: isEvent), isPlain: isPlain, call: call))
        }
        return .waits
    }

    /// A Close has come.
    /// - Parameter isOpen: whether the host knows an open connection, or one that is kept.
    mutating func close(_ call: Call, _ kind: CloseKind, isOpen: Bool, _ rules: TurnRules, _ actions: inout Actions) -> Admission {
        look(isOpen: isOpen)
        if kind == .retry { return retryHasCome() }
        let overtaken = kind == .outside ? clearTheWay(&actions) : []
        switch turn {
        case .free:
            guard self.isOpen || (rules.forwardsUnknown && kind == .outside) else { return .done }
            forgetRetry(&actions)
            turn = .close
            followers = overtaken
            return .runs
        case .promised: return .done
        case .request, .close, .job, .retry:
            if kind != .reselection, let place = line.places.first(where: { line[$0].isClose }) {
                line[place].others += [call] + overtaken
            } else {
                line.append(Place(kind: kind == .reselection ? .reselection : .close, call: call, others: overtaken))
            }
            return .waits
        }
    }

    /// A Close from outside: what waits is not begun any more, and what an element has begun is ended.
    /// - Returns: Closes for another endpoint, which will be answered as it is.
    private mutating func clearTheWay(_ actions: inout Actions) -> [Call] {
        var overtaken: [Call] = []
        line.keep { place in
            guard case .reselection = place.kind else { return true }
            overtaken += place.calls
            return false
        }
        drop(&actions) { kind in
            switch kind {
            case .close, .reselection: nil
            case .request(isEvent: false): .refused(.closing)
            case .request, .job: .refused(.cancelled)
            }
        }
        switch turn {
        case .request(isEvent: true): actions.append(.abortEvent)
        case .job:
            if let job = beginning.take() {
                actions.append(.refuse(job, .cancelled))
                pass(&actions)
            } else {
                actions.append(.abortEvent)
            }
        case .free, .promised, .request, .close, .retry: break
        }
        return overtaken
    }

    /// A job of the executor has come.
    mutating func add(_ job: Job, isOpen: Bool, _ rules: TurnRules, _ actions: inout Actions) {
        look(isOpen: isOpen)
        guard hasExecutor else { return actions.append(.refuse(job, .cancelled)) }
        guard turn == .free else {
            guard load < rules.limit else { return actions.append(.refuse(job, .full)) }
            load += 1
            jobs.append(job)
            return line.append(Place(kind: .job, call: nil))
        }
        begin(job, &actions)
    }

    /// Takes a Request out whose caller has left. A Close stays, and what runs does.
    /// - Returns: false: it does not wait here.
    mutating func withdraw(_ call: Call) -> Bool {
        if case .request = turn, let index = followers.firstIndex(of: call) {
            followers.remove(at: index)
            load -= 1
            return true
        }
        guard let place = line.places.first(where: { line[$0].isRequest(call) }) else { return false }
        load -= 1
        guard line[place].call == call else {
            line[place].others.removeAll { $0 == call }
            return true
        }
        if let next = line[place].others.popLast() { line[place].call = next } else { line.remove(at: place) }
        return true
    }
}

extension TurnQueue.Place {
    func isRequest(_ call: Call) -> Bool {
        guard case .request = kind else { return false }
        return self.call == call || others.contains(call)
    }
}
