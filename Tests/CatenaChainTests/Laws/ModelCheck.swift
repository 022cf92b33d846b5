// SPDX-License-Identifier: Apache-2.0
// Law 9: holds what the model predicts beside what happened. The order in which calls of a connection got their turn is taken
// from the journal; everything else is the model's own.

import CatenaABI

@testable import CatenaChain

/// Compares a case that has been run with the model.
struct ModelCheck {
    private let world: LawWorld
    private let plan: LawCase
    /// Calls for which somebody left or some time ran out, and those that waited for them.
    private let disturbed: Set<UInt64>

    init(_ world: LawWorld) {
        self.world = world
        plan = world.plan
        disturbed = world.book.disturbed.union(world.book.impatient).union(world.disturbedHolders)
    }

    /// - Returns: how many calls the model had an answer for.
    func check() -> Int {
        guard !plan.fires else { return 0 }
        var sides: [Int: ModelSide?] = [:]
        var turns: [UInt64: [ModelSide]] = [:]
        var unknown: Set<UInt64> = []
        for (key, connection) in world.book.turns {
            guard !isDisturbed(key), !unknown.contains(key), let side = sides[connection, default: ModelSide()] else {
                unknown.insert(key)
                // Whatever it was like, after a Close that was not disturbed nothing is left of it.
                sides[connection] = isEnding(key) ? ModelSide() : .some(nil)
                continue
            }
            // An event whose connection had ended before its turn: nothing is done.
            guard !isAborted(key) else { continue }
            turns[key, default: []].append(side)
            checkBeginning(key, side)
            let model = self.model(key, turns[key] ?? [])
            do { _ = try run(model, key) } catch { /* it wants another turn, which comes later */ }
            guard let after = model.after.last, model.after.count == turns[key]?.count else {
                world.book.violate(9, "call \(key) got a turn that the model does not know of")
                continue
            }
            sides[connection] = after
        }
        var predicted = 0
        for key in world.book.steps.keys.sorted() where isRoot(key) && !unknown.contains(key) && !isDisturbed(key) && !isAborted(key) {
            predicted += 1
            let model = self.model(key, turns[key] ?? [])
            do {
                let code = try run(model, key)
                compare(key, model.steps, code)
                for child in model.children where !child.holders.contains(where: isDisturbed) { compare(child.key, child.steps, child.code) }
                if verb(key) == .request, code == CATENA_OK, let answer = world.book.answers[key], answer.code == CATENA_OK, key < 1000 {
                    world.book.check(answer.text == model.text, 9, "call \(key) was answered \(answer.text), the model says \(model.text)")
                }
            } catch {
                world.book.violate(9, "call \(key) got fewer turns than the model says")
            }
        }
        return predicted
    }

    /// An event begins with values and, where it brings none, with the message of a good Request of its connection.
    private func checkBeginning(_ key: UInt64, _ side: ModelSide) {
        guard key > 1000, let first = world.book.steps[key]?.first, world.inner[key] == nil || side.isOpen else { return }
        if world.inner[key] != nil {
            world.book.check(first.value == side.kept, 9, "call \(key) begins with the value \(first.value), and \(side.kept) is kept")
        } else if key < 1 << 63 {
            let isKnown = side.history.contains { $0.value == first.value && $0.mark == first.mark }
            world.book.check(isKnown, 9, "call \(key) begins with what was never kept: \(first.text)")
        }
    }

    private func compare(_ key: UInt64, _ expected: [Step], _ code: catena_status) {
        let book = world.book
        guard !isDisturbed(key) else { return }
        let seen = book.steps[key] ?? []
        if seen != expected {
            let index = zip(seen, expected).prefix { $0 == $1 }.count
            let (was, should) = (index < seen.count ? seen[index].text : "nothing", index < expected.count ? expected[index].text : "nothing")
            book.violate(9, "hook \(index + 1) of call \(key): \(was); the model says \(should)")
        } else if let answer = book.answers[key], answer.code != code, !(answer.code == CATENA_CANCELLED && world.hasEnded(key)) {
            book.violate(9, "call \(key) ended with \(Name.of(status: answer.code)), the model says \(Name.of(status: code))")
        }
    }

    // MARK: Who is who

    private func isRoot(_ key: UInt64) -> Bool { world.children[key] == nil && world.aside[key] == nil }

    private func verb(_ key: UInt64) -> Verb {
        guard let first = world.book.steps[key]?.first(where: { $0.element >= 0 }) else { return .request }
        return first.hook == .request || first.hook == .requestReply ? .request : .close
    }

    private func isDisturbed(_ key: UInt64) -> Bool {
        // Time may run out between two hooks, and then only the answer says so.
        if !plan.isCalm, world.book.answers[key]?.code == CATENA_DEADLINE_EXCEEDED { return true }
        return world.isAborted || world.isMaimed || !world.tickets.forsaken.isEmpty || disturbed.contains(key)
    }

    /// An event that found another incarnation when it got its turn.
    private func isAborted(_ key: UInt64) -> Bool {
        guard let steps = world.book.steps[key], let anchor = plan.anchor, steps.contains(where: { $0.flags & CATENA_HOP_EVENT != 0 }) else { return false }
        return steps.contains { $0.element == anchor && $0.below == CATENA_ABORTED }
    }

    /// Does its connection end with this call, whatever it was like?
    private func isEnding(_ key: UInt64) -> Bool { false }

    private func model(_ key: UInt64, _ turns: [ModelSide]) -> Model {
        let steps = world.book.steps[key] ?? []
        let anchor = plan.anchor ?? -1
        let inner = world.inner[key]
        let isEvent = inner != nil || steps.contains { $0.flags & CATENA_HOP_EVENT != 0 }
        let first = steps.first
        let isOver = key >= 900 && key < 1000 || world.closingEvents.contains(key)
        var script = world.script
        script.isOver = isOver
        let hooks = steps.count { $0.element == anchor && $0.hook == .close }
        return Model(
            plan, script, key: key, floor: inner != nil ? anchor + 1 : isEvent ? anchor : 0, isEvent: isEvent,
            reason: inner?.reason ?? first?.reason ?? CATENA_CALLER, mark: isEvent ? first?.mark ?? 0 : 0, text: "new",
            value: isEvent ? first?.value ?? turns.first?.kept ?? 0 : 0, turns: turns, isTurnedAtAnchor: world.book.turns.contains { $0.key == key } == false,
            anchorHooks: hooks)
    }

    private func run(_ model: Model, _ key: UInt64) throws -> catena_status {
        (world.inner[key]?.verb ?? verb(key)) == .request ? try model.request() : try model.close()
    }
}
