// SPDX-License-Identifier: Apache-2.0
// What the header says about one Close: it reaches everybody below, whatever any of them answers, but for a guard that refuses and
// for DONE where nothing is open.

import CatenaABI

@testable import CatenaChain

extension Model {
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

    private func isBelow(_ position: Int) -> Bool { chain > 0 || anchor.map { position > $0 } ?? false }

    private func endClose() {
        if reason != CATENA_RESELECT && !isRefused || !side.isOpen { side = ModelSide() }
        isKnown = false
        after.append(side)
    }
}
