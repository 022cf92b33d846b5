// SPDX-License-Identifier: Apache-2.0
// What a connector of a case does in the model: its client calls are run in place, one after another, each a model of its own on
// the state of its leg.

import CatenaABI

@testable import CatenaChain

extension Model {
    func connect(_ number: Int, _ hook: Hook, _ place: Place, _ decision: Decision) throws -> Decision.Answer? {
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
    func nextHop() -> Failure? {
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

    func reply(_ verb: Verb) -> HopReply {
        let hook = verb == .request ? Hook.request : .close
        steps.append(Step(element: -1, hook: hook))
        return script.reply(key, verb, next(-1, hook).turn)
    }
}
