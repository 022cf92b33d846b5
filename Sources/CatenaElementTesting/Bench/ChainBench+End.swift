// SPDX-License-Identifier: Apache-2.0
// The end of a bench: everything is closed, and what does not go is named. A bench that cannot end is left where it is, as those
// who still hold something may use it.
internal import CatenaChain
internal import CatenaElement
internal import Synchronization

extension ChainBench {
    /// Ends everything, and says what does not end.
    func end(isolation: isolated (any Actor)? = #isolation) async -> Leftovers {
        var left = Leftovers()
        run()
        noteUnanswered(&left)
        if !left.isEmpty || engine.status().holdings.calls > 0 { await giveUp() }
        guard engine.status().holdings.calls == 0 else {
            left.lines += owed
            return keepForever(left)
        }
        let said = Said(), bell = bell
        engine.stop { said.set(nil, bell) }
        run()
        // What runs on a thread of its own, as a stop hook, ends in real time.
        for _ in 0..<50 where said.answer == nil {
            await bell.wait(atMost: .milliseconds(100))
            advance(by: .seconds(1))
        }
        guard said.answer != nil else {
            left.lines.append("the engine does not stop: a stop hook has not answered, or a call inside has not ended")
            left.lines += owed
            return keepForever(left)
        }
        noteKept(&left)
        forget()
        return left
    }

    private func noteUnanswered(_ left: inout Leftovers) {
        for call in calls.withLock({ $0 }) where !call.isAnswered {
            left.lines.append("a \(call.verb == .request ? "Request" : "Close") of \"\(call.sent.id)\" has no answer")
        }
        if !left.isEmpty { left.lines += owed }
    }

    private var owed: [String] {
        record.all.filter { $0.isOwed && $0.element != "anchor" }.map { "\($0.path) owes the answer of its \($0.hook.rawValue) hook for \"\($0.message.id)\"" }
    }

    private func noteKept(_ left: inout Leftovers) {
        let messages = ledger.ids
        if !messages.isEmpty {
            left.lines.append("messages that were never released: \(messages.map { "\"\($0)\"" }.joined(separator: ", "))")
        }
        if ledger.releasedTwice > 0 { left.lines.append("messages that were released twice: \(ledger.releasedTwice)") }
        for slot in record.slotsAlive { left.lines.append("a \(slot.isConnection ? "connection" : "call") slot of \(slot.path) was not dropped") }
        for transport in nextHop.transports where !transport.isClosed {
            left.lines.append("the transport to \(transport.url) is not released")
        }
    }

    /// Ends what a test has left open, so that the rest can be looked at.
    private func giveUp(isolation: isolated (any Actor)? = #isolation) async {
        engine.abort()
        run()
        for neighbour in neighbours { while neighbour.neighbour.resume(.fail(.cancelled, "the bench is over")) {} }
        while nextHop.reply(.lost("the bench is over")) {}
        advance(by: times.close + times.grace + times.orphan)
        for _ in 0..<20 where engine.status().holdings.calls > 0 {
            await bell.wait(atMost: .milliseconds(100))
            advance(by: .seconds(1))
        }
    }

    /// Elements that still hold something may use it: nothing of the bench can be freed.
    private func keepForever(_ left: Leftovers) -> Leftovers {
        _ = Unmanaged.passRetained(self)
        return left
    }

    func forget() {
        loop.forget()
        ledger.close()
    }
}

/// What the engine has said at the end of its start or stop.
final class Said: Sendable {
    struct Answer { let error: ElementError? }
    private let state = Mutex<Answer?>(nil)
    var answer: Answer? { state.withLock { $0 } }

    func set(_ error: ElementError?, _ bell: Doorbell) {
        state.withLock { $0 = Answer(error: error) }
        bell.ring()
    }
}
