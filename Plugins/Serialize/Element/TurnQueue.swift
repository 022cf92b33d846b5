// SPDX-License-Identifier: Apache-2.0
// Who has the turn of one connection, and who waits for it, as a value: it decides and does nothing. Calls come and go on
// the connection's loop only, so that there is no lock.

/// The calls of one connection, in the order they came.
struct TurnQueue<Call: Equatable> {
    enum Verb {
        case request
        case close
    }

    struct Waiting {
        let call: Call
        let verb: Verb
    }

    /// What becomes of a call that comes. Whoever runs gives the turn back with ``next()``.
    enum Admission {
        case runs
        case waits
        /// As many Requests wait as may; nothing has changed.
        case full
    }

    private var waiting: [Waiting] = []
    private var requests = 0
    private(set) var isBusy = false

    /// A call has come.
    /// - Parameter limit: most Requests that may wait. A Close always may.
    mutating func admit(_ call: Call, _ verb: Verb, limit: Int) -> Admission {
        guard isBusy else {
            isBusy = true
            return .runs
        }
        if verb == .request {
            guard requests < limit else { return .full }
            requests += 1
        }
        waiting.append(Waiting(call: call, verb: verb))
        return .waits
    }

    /// Takes a waiting Request out, as its caller has left. A Close stays.
    /// - Returns: false: it does not wait here.
    mutating func withdraw(_ call: Call) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.call == call && $0.verb == .request }) else { return false }
        waiting.remove(at: index)
        requests -= 1
        return true
    }

    /// The turn passes to the call that has waited longest.
    /// - Returns: nil: nobody waits, and the turn is free.
    mutating func next() -> Waiting? {
        guard !waiting.isEmpty else {
            isBusy = false
            return nil
        }
        let next = waiting.removeFirst()
        if next.verb == .request { requests -= 1 }
        return next
    }
}
