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
    /// Legs, by the connector that opened them.
    var legs: [Int: ModelSide] = [:]
}

/// One call, as the model runs it.
final class Model {
    /// The model needs to know what the connection is like now, and it has not come to that.
    struct NeedsTurn: Error {}

    /// A failure on its way out.
    private struct Failure {
        var code: catena_status
        var isRefused = false
    }

    private let plan: LawCase
    private let script: Script
    private let key: UInt64
    private let chain: Int
    private let elements: [ElementPlan]
    private let anchor: Int?
    /// Positions below this one are not for this call.
    private let floor: Int
    private let isEvent: Bool
    private var reason: catena_reason
    private var attempt: UInt32 = 1
    private var mark: UInt64
    private var value: UInt64
    private(set) var text: String
    /// Elements that the call has entered; the next hop is `elements.count`.
    private var entered: [Int] = []
    private var isFirst: Bool?
    /// What is stored with the connection.
    private var kept: UInt64 = 0
    private var isKnown = false
    /// What the connection was like at each turn, and what it was like afterwards.
    private var turns: [ModelSide]
    private(set) var after: [ModelSide] = []
    private var turn = 0
    private var side: ModelSide
    /// What the anchor said to a Close, before it let it pass or turned it round.
    private let isTurnedAtAnchor: Bool
    private let anchorHooks: Int
    private var counts: [Place: Int] = [:]
    private(set) var steps: [Step] = []
    /// Client calls, and the client calls that wait for them.
    private(set) var children: [(key: UInt64, steps: [Step], code: catena_status, holders: [UInt64])] = []

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
    private init(_ parent: Model, key: UInt64, side: ModelSide, aside: catena_reason? = nil) {
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

    /// What an event's starter was told before the event had ended.
    private var told: catena_status?

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

    private func takeTurn() throws {
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

    private var isUndoing = false

    private func undoElement(_ position: Int) throws {
        if elements[position].has(.close), try ask(position, .close) == .done, mayTurnUndo(position) { return }
        if elements[position].has(.closeReply) { _ = try ask(position, .closeReply) }
    }

    /// DONE is honoured from the anchor down.
    private func mayTurnUndo(_ position: Int) -> Bool { chain > 0 || anchor.map { position > $0 } ?? false }

    // MARK: Close

    func close() throws -> catena_status {
        var failure: Failure?
        var end = elements.count
        isKnown = chain > 0 && side.isOpen
        if let anchor, floor > anchor { try takeTurn() }
        loop: for position in floor..<elements.count where elements[position].kind != .inert {
            if position == anchor {
                for _ in 0..<anchorHooks { show(position, .close) }
                if isTurnedAtAnchor {
                    end = position
                    break
                }
                try takeTurn()
                continue
            }
            guard elements[position].has(.close) else { continue }
            switch try ask(position, .close) {
            case .fail(let code):
                failure = failure ?? Failure(code: code)
                guard elements[position].isGuard else { continue }
                failure?.isRefused = true
                isRefused = true
                end = position
                break loop
            case .wrong: failure = failure ?? Failure(code: CATENA_INTERNAL)
            case .done where isBelow(position) && !side.isOpen:
                end = position
                break loop
            default: break
            }
        }
        if end == elements.count, chain > 0 {
            let answer = reply(.close)
            if answer.code != CATENA_OK { failure = failure ?? Failure(code: answer.code) }
        }
        for position in (floor..<max(floor, end)).reversed() where elements[position].kind != .inert {
            guard elements[position].has(.closeReply) else { continue }
            switch try ask(position, .closeReply, below: failure) {
            case .fail(let code): failure = Failure(code: code, isRefused: failure?.isRefused ?? false)
            case .wrong: failure = Failure(code: CATENA_INTERNAL, isRefused: failure?.isRefused ?? false)
            // What a guard refused has not been done, whoever says so.
            case .done: failure = isRefused ? failure : nil
            case .next, .again: break
            }
            if position == anchor { endClose() }
        }
        if let anchor, floor > anchor { endClose() }
        if chain > 0, reason != CATENA_RESELECT, !isRefused { side.isOpen = false }
        saysRefused = failure?.isRefused ?? false
        return failure?.code ?? CATENA_OK
    }

    private var isRefused = false
    /// Whoever began the Close is told that it was refused.
    private var saysRefused = false

    private func isBelow(_ position: Int) -> Bool { chain > 0 || anchor.map { position > $0 } ?? false }

    private func endClose() {
        if reason != CATENA_RESELECT && !isRefused || !side.isOpen { side = ModelSide() }
        isKnown = false
        after.append(side)
    }

    // MARK: One hook

    private func show(_ position: Int, _ hook: Hook, below: Failure? = nil) {
        let number = plan.number(chain, position)
        var flags = isEvent ? CATENA_HOP_EVENT : 0
        let isUnbound = anchor.map { position < $0 || position == $0 && (hook == .request || hook == .close) } ?? false
        if !isUndoing, !isUnbound {
            // A Request that undoes shows none of them.
            if hook == .request || hook == .requestReply { flags |= isFirst == true ? CATENA_HOP_FIRST : 0 }
            if hook == .close || hook == .closeReply { flags |= isKnown ? CATENA_HOP_KNOWN : 0 }
        }
        steps.append(
            Step(
                element: number, hook: hook, below: below?.code ?? CATENA_OK, flags: flags, reason: reason, attempt: attempt, mark: mark,
                value: value))
    }

    /// Shows the call to an element, and takes its answer.
    private func ask(_ position: Int, _ hook: Hook, below: Failure? = nil) throws -> Decision.Answer {
        show(position, hook, below: below)
        let number = plan.number(chain, position)
        let place = next(number, hook)
        let decision = script.decide(place, failed: below != nil, attempt: attempt)
        let before = attempt
        defer { assert(before == attempt) }
        if let value = decision.value { self.value = value }
        if let mark = decision.mark, !decision.writesLate { self.mark = mark }
        if elements[position].kind == .connector, let answer = try connect(number, hook, place, decision) { return answer }
        if let mark = decision.mark, decision.writesLate, position != anchor { self.mark = mark }
        return decision.isAnsweredTwice ? .fail(CATENA_INTERNAL) : decision.answer
    }

    private func next(_ number: Int, _ hook: Hook) -> Place {
        let first = Place(key: key, element: number, hook: hook, turn: 0)
        let turn = counts[first, default: 0]
        counts[first] = turn + 1
        return Place(key: key, element: number, hook: hook, turn: turn)
    }

    // MARK: Client side

    private func connect(_ number: Int, _ hook: Hook, _ place: Place, _ decision: Decision) throws -> Decision.Answer? {
        guard hook == .request || hook == .close else { return nil }
        guard hook == .request || side.legs[number] != nil else { return nil }
        if hook == .request, chain == 0, let old = side.legs[number], LawConnector.moves(decision) { return try move(number, place, old) }
        let child = Model(self, key: Script.child(of: place), side: side.legs[number] ?? ModelSide())
        let code = hook == .request ? try child.request() : try child.close()
        take(child, code)
        side.legs[number] = child.side
        if hook == .request {
            if code == CATENA_OK { text = child.text }
            if code == CATENA_OK, chain == 0, LawConnector.repeats(decision) { try again(number, place) }
            if code != CATENA_OK, isFirst == true, decision.dice % 3 == 0 { side.legs[number] = nil }
        } else if !child.saysRefused {
            side.legs[number] = nil
        }
        return code == CATENA_OK ? .next : .fail(code)
    }

    private func move(_ number: Int, _ place: Place, _ old: ModelSide) throws -> Decision.Answer {
        let child = Model(self, key: Script.child(of: place), side: ModelSide())
        let code = try child.request()
        take(child, code)
        guard code == CATENA_OK else { return .fail(code) }
        text = child.text
        side.legs[number] = child.side
        let close = Model(self, key: Script.child(of: place, 3), side: old, aside: CATENA_MOVED_URL)
        take(close, try close.close())
        return .next
    }

    private func again(_ number: Int, _ place: Place) throws {
        let child = Model(self, key: Script.child(of: place, 4), side: side.legs[number] ?? ModelSide(), aside: CATENA_EVENT)
        take(child, try child.request())
        side.legs[number] = child.side
    }

    private func take(_ child: Model, _ code: catena_status) {
        children += child.children.map { ($0.key, $0.steps, $0.code, $0.holders + [child.key]) }
        children.append((child.key, child.steps, code, []))
    }

    /// The end of a client chain.
    private func nextHop() -> Failure? {
        guard chain > 0 else { return nil }
        let answer = reply(.request)
        guard answer.code == CATENA_OK else {
            if answer.isIndefinite, isFirst == true { _ = reply(.close) }
            return Failure(code: answer.code)
        }
        text = "h\(key)"
        entered.append(elements.count)
        return nil
    }

    private func reply(_ verb: Verb) -> HopReply {
        let hook = verb == .request ? Hook.request : .close
        steps.append(Step(element: -1, hook: hook))
        return script.reply(key, verb, next(-1, hook).turn)
    }
}
