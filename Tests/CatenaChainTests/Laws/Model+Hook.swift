// SPDX-License-Identifier: Apache-2.0
// One hook in the model: what the element is shown, and what it does with message, value and verdict.

import CatenaABI

@testable import CatenaChain

extension Model {
    func show(_ position: Int, _ hook: Hook, below: Failure? = nil) {
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
    func ask(_ position: Int, _ hook: Hook, below: Failure? = nil) throws -> Decision.Answer {
        show(position, hook, below: below)
        let number = plan.number(chain, position)
        let place = next(number, hook)
        let decision = script.decide(place, failed: below != nil, attempt: attempt)
        if let value = decision.value { self.value = value }
        if let mark = decision.mark, !decision.writesLate { self.mark = mark }
        if elements[position].kind == .connector, let answer = try connect(number, hook, place, decision) { return answer }
        if let mark = decision.mark, decision.writesLate, position != anchor { self.mark = mark }
        return decision.isAnsweredTwice ? .fail(CATENA_INTERNAL) : decision.answer
    }

    func next(_ number: Int, _ hook: Hook) -> Place {
        let first = Place(key: key, element: number, hook: hook, turn: 0)
        let turn = counts[first, default: 0]
        counts[first] = turn + 1
        return Place(key: key, element: number, hook: hook, turn: turn)
    }
}
