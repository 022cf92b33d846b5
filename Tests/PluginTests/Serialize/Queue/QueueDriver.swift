// SPDX-License-Identifier: Apache-2.0
// A queue with numbers for calls and letters for jobs. What it wants done is one line, so that a test reads like a story.
@testable internal import SerializeElement

struct QueueDriver {
    typealias Queue = TurnQueue<Int, String>

    var queue = Queue()
    var rules = TurnRules(limit: 10)
    /// What the host knows.
    var isOpen = false

    /// `1 runs`, `2 waits`, with what is to be done besides.
    mutating func request(_ call: Int, event: Bool = false, joins: Bool = false) -> String {
        line { queue, isOpen, rules, actions in
            "\(call) " + Self.text(queue.request(call, isEvent: event, isOpen: isOpen, joins: joins, rules, &actions))
        }
    }

    mutating func close(_ call: Int, _ kind: CloseKind = .outside) -> String {
        line { queue, isOpen, rules, actions in "\(call) " + Self.text(queue.close(call, kind, isOpen: isOpen, rules, &actions)) }
    }

    mutating func withdraw(_ call: Int) -> Bool { queue.withdraw(call) }

    mutating func job(_ name: String) -> String {
        line { queue, isOpen, rules, actions in
            queue.add(name, isOpen: isOpen, rules, &actions)
            return nil
        }
    }

    /// The Request that runs has come back. Opens the connection, or leaves it as it was.
    mutating func ended(_ isGood: Bool = true, isFirst: Bool = false) -> String {
        isOpen = isGood || (isOpen && !isFirst)
        return line { queue, isOpen, rules, actions in
            queue.requestEnded(isOpen: isOpen, rules, &actions)
            return nil
        }
    }

    mutating func closed(_ end: CloseEnd = .closed) -> String {
        if end == .closed { isOpen = false }
        return line { queue, isOpen, rules, actions in
            queue.closeEnded(end, rules, &actions)
            return nil
        }
    }

    /// The job that has the turn begins.
    mutating func begun() -> String? {
        guard case .job(let number) = queue.turn else { return nil }
        return queue.takeJob(number)
    }

    mutating func finished() -> String {
        guard case .job(let number) = queue.turn else { return "no job" }
        return finished(number)
    }

    mutating func finished(_ number: UInt64) -> String {
        line { queue, isOpen, rules, actions in
            queue.jobFinished(number, isOpen: isOpen, rules, &actions) ? nil : "not its turn"
        }
    }

    mutating func cancel() -> String {
        let said = line { queue, isOpen, rules, actions in queue.cancel(isOpen: isOpen, rules, &actions) ? nil : "ended before" }
        isOpen = false
        return said
    }

    mutating func cameRound() -> String {
        line { queue, isOpen, _, actions in
            queue.turnCameRound(&actions)
            return nil
        }
    }

    mutating func retryIsDue() -> String {
        line { queue, isOpen, _, actions in
            queue.retryIsDue(isOpen: isOpen, &actions)
            return nil
        }
    }

    mutating func retryIsLost() -> String {
        line { queue, isOpen, rules, actions in
            queue.retryIsLost(isOpen: isOpen, rules, &actions)
            return nil
        }
    }

    mutating func gone() -> String {
        line { queue, isOpen, rules, actions in
            queue.runnerIsGone(isOpen: isOpen, rules, &actions)
            return nil
        }
    }

    private mutating func line(_ body: (inout Queue, Bool, TurnRules, inout Queue.Actions) -> String?) -> String {
        var actions: Queue.Actions = []
        let said = body(&queue, isOpen, rules, &actions)
        return ([said].compactMap(\.self) + actions.map(Self.text)).joined(separator: ", ")
    }

    private static func text(_ admission: Admission) -> String {
        switch admission {
        case .runs: "runs"
        case .waits: "waits"
        case .done: "done"
        case .refused(let why): "\(why)"
        }
    }

    private static func text(_ action: Action<Int, String>) -> String {
        switch action {
        case .run(let call, .close): "run close \(call)"
        case .run(let call, .request): "run request \(call)"
        case .answer(let call, .done): "\(call) done"
        case .answer(let call, .sameResult): "\(call) same"
        case .answer(let call, .refused(let why)): "\(call) \(why)"
        case .runJob: "run job"
        case .refuse(let job, let why): "\(job) \(why)"
        case .abortEvent: "abort"
        case .passThroughLoop: "pass"
        case .retryLater(let failures): "retry after \(failures)"
        case .forgetRetry: "forget retry"
        case .closeAgain: "close again"
        }
    }
}
