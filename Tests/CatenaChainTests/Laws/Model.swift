// SPDX-License-Identifier: Apache-2.0
// The reference: what the header says about one call, as a plain recursion. No tickets, no loops, no time, no other calls; only
// what a connection was like when the call got its turn. It predicts every hook, and how the call ends.

import CatenaABI

@testable import CatenaChain

/// What the model knows of a connection, or of a leg.
struct ModelSide {
    var isOpen = false
    /// The KEPT value of the last good Request.
    var kept: UInt64 = 0
    /// The mark and the connection of the last good message.
    var mark: UInt64 = 0
    var text = "new"
    /// KEPT values and marks of all good Requests of the incarnation: an event begins with one of them.
    var history: [(value: UInt64, mark: UInt64)] = []
    /// Legs, by the connector that opened them.
    var legs: [Int: ModelSide] = [:]
}

/// One call, as the model runs it.
final class Model {
    /// The model needs to know what the connection is like now, and it has not come to that.
    struct NeedsTurn: Error {}

    /// A failure on its way out.
    struct Failure {
        var code: catena_status
        var isRefused = false
    }

    let plan: LawCase
    let script: Script
    let key: UInt64
    let chain: Int
    let elements: [ElementPlan]
    let anchor: Int?
    /// Positions below this one are not for this call.
    let floor: Int
    let isEvent: Bool
    var reason: catena_reason
    var attempt: UInt32 = 1
    var isUndoing = false
    var mark: UInt64
    var value: UInt64
    var text: String
    /// Elements that the call has entered; the next hop is `elements.count`.
    var entered: [Int] = []
    var isFirst: Bool?
    /// What is stored with the connection.
    var kept: UInt64 = 0
    var isKnown = false
    /// What the connection was like at each turn, and what it was like afterwards.
    private var turns: [ModelSide]
    var after: [ModelSide] = []
    private var turn = 0
    /// What an event's starter was told before the event had ended.
    private var told: catena_status?
    var side: ModelSide
    /// What the anchor said to a Close, before it let it pass or turned it round.
    let isTurnedAtAnchor: Bool
    let anchorHooks: Int
    var counts: [Place: Int] = [:]
    /// A guard has refused this Close.
    var isRefused = false
    /// Whoever began the Close is told that it was refused.
    var saysRefused = false
    var steps: [Step] = []
    /// Client calls, and the client calls that wait for them.
    var children: [(key: UInt64, steps: [Step], code: catena_status, holders: [UInt64])] = []

    /// A call of a served chain.
    ///
    /// - Parameters:
    ///   - turns: the connection as it was each time the call got its turn.
    ///   - anchorHooks: how often the anchor was asked about a Close.
    init(
        _ plan: LawCase, _ script: Script, key: UInt64, floor: Int = 0, isEvent: Bool, reason: catena_reason, mark: UInt64, text: String,
        value: UInt64, turns: [ModelSide], isTurnedAtAnchor: Bool, anchorHooks: Int
    ) {
        self.plan = plan
        self.script = script
        self.key = key
        chain = 0
        elements = plan.chains[0]
        anchor = plan.anchor
        self.floor = floor
        self.isEvent = isEvent
        self.reason = reason
        self.mark = mark
        self.text = text
        self.value = value
        self.turns = turns
        self.isTurnedAtAnchor = isTurnedAtAnchor
        self.anchorHooks = anchorHooks
        side = ModelSide()
    }

    /// A client call of `parent`, or one that it begins for nobody: `aside` says why.
    init(_ parent: Model, key: UInt64, side: ModelSide, aside: catena_reason? = nil) {
        plan = parent.plan
        script = parent.script
        self.key = key
        chain = parent.chain + 1
        elements = parent.plan.chains[parent.chain + 1]
        anchor = nil
        floor = 0
        isEvent = parent.isEvent || aside != nil
        reason = aside ?? parent.reason
        mark = parent.mark
        value = aside == nil ? parent.value : parent.kept
        kept = parent.kept
        text = parent.text
        turns = []
        isTurnedAtAnchor = false
        anchorHooks = 0
        self.side = side
    }

    // MARK: Request

    /// - Returns: how it ends.
    func request() throws -> catena_status {
        isFirst = anchor == nil ? (chain == 0 || !side.isOpen) : nil
        if let anchor, floor > anchor { try takeTurn() }
        let failure = try descend(floor)
        if failure != nil { try undo(downTo: floor) }
        if let anchor, floor > anchor { leaveTurn(failure, anchorFailed: false) }
        if chain > 0, failure == nil { side.isOpen = true }
        return told ?? failure?.code ?? CATENA_OK
    }

    /// Everything from `position` on, in and out again.
    private func descend(_ position: Int) throws -> Failure? {
        guard position < elements.count else { return nextHop() }
        if position == anchor { return try passAnchor(position) }
        let element = elements[position]
        if element.kind == .inert { return try descend(position + 1) }
        if element.has(.request) {
            switch try ask(position, .request) {
            case .fail(let code): return Failure(code: code)
            case .wrong: return Failure(code: CATENA_INTERNAL)
            case .done:
                entered.append(position)
                return nil
            case .next, .again: break
            }
        }
        entered.append(position)
        let kept = (mark, value, text)
        while true {
            let failure = try descend(position + 1)
            guard element.has(.requestReply) else { return failure }
            if failure != nil {
                try undo(downTo: position + 1)
                if element.saysAgain { (mark, value, text) = kept }
            }
            switch try ask(position, .requestReply, below: failure) {
            case .next: return failure
            case .done: return nil
            case .fail(let code): return Failure(code: code)
            case .wrong: return Failure(code: CATENA_INTERNAL)
            case .again:
                attempt += 1
                // Of a refresh nothing was undone, and it stays as it is.
                entered.removeAll { $0 > position }
                if let anchor, position < anchor { isFirst = nil }
            }
        }
    }

    private func passAnchor(_ position: Int) throws -> Failure? {
        show(position, .request)
        guard plan.anchor != nil else { return nil }
        try takeTurn()
        entered.append(position)
        let failure = try descend(position + 1)
        if let failure {
            try undo(downTo: position + 1)
            // The connection is gone: whoever began this is told before the anchor speaks.
            if isFirst == true, isEvent { told = failure.code }
        }
        let answer = try ask(position, .requestReply, below: failure)
        leaveTurn(failure, anchorFailed: answer != .next)
        if case .fail(let code) = answer { return Failure(code: code) }
        return failure
    }

    func takeTurn() throws {
        guard turn < turns.count else { throw NeedsTurn() }
        side = turns[turn]
        turn += 1
        isFirst = !side.isOpen
        isKnown = side.isOpen
        kept = side.kept
    }

    private func leaveTurn(_ failure: Failure?, anchorFailed: Bool) {
        if failure != nil {
            if isFirst == true { side = ModelSide() }
        } else if isFirst == true || !anchorFailed {
            side.isOpen = true
            (side.kept, side.mark, side.text) = (value, mark, text)
            side.history.append((value, mark))
        }
        if failure == nil, isFirst == true, let anchor {
            // Open from here on: what fails further out closes it in a call of its own.
            entered.removeAll { $0 > anchor }
        }
        after.append(side)
    }

    /// A first Request has failed: what was entered from `position` on is undone, deepest first.
    private func undo(downTo position: Int) throws {
        guard isFirst == true else { return }
        let (flags, before) = (isUndoing, reason)
        isUndoing = true
        reason = CATENA_ROLLBACK
        defer { (isUndoing, reason) = (flags, before) }
        while let last = entered.last, last >= position {
            entered.removeLast()
            if last == elements.count {
                _ = reply(.close)
            } else if last != anchor {
                try undoElement(last)
            }
        }
    }

    private func undoElement(_ position: Int) throws {
        if elements[position].has(.close), try ask(position, .close) == .done, mayTurnUndo(position) { return }
        if elements[position].has(.closeReply) { _ = try ask(position, .closeReply) }
    }

    /// DONE is honoured from the anchor down.
    private func mayTurnUndo(_ position: Int) -> Bool { chain > 0 || anchor.map { position > $0 } ?? false }
}
