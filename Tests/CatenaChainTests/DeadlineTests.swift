// SPDX-License-Identifier: Apache-2.0
// The law of deadlines: a caller is answered when its time is over; whether its call ends depends on where it is.

import CatenaABI
import Testing

@testable import CatenaChain

@Suite("Deadlines and callers")
struct DeadlineTests {
    /// Waits until it is told that it is not waited for.
    private static func patient(_ name: String, _ hook: Hook = .request) -> ScriptedElement {
        ScriptedElement(name, hooks: [.request, .requestReply], [hook: [.held], .cancel: [.run { instance, _ in
            instance.release(.fail(CATENA_CANCELLED, "told to stop"))
            return .next
        }]])
    }

    @Test("the caller is answered at its deadline while the call runs on below the anchor, until deadline and grace")
    func grace() throws {
        let c = Self.patient("c")
        c.set(.request, .run { _, hop in
            #expect(hop.deadline_ns == 17_000_000_000)
            return .held
        })
        try Bench.with(.served("chain", ScriptedElement("a", hooks: [.requestReply]), .anchor(), c)) { bench in
            let caller = bench.call(.request, deadline: .seconds(1))
            bench.advance(.seconds(15))
            #expect(bench.journal.take() == ["s.request", "c.request PENDING", "caller DEADLINE_EXCEEDED"])
            #expect(caller.answer?.description == "chain/c: no answer in time")
            bench.advance(.seconds(2))
            #expect(bench.journal.take() == ["c.cancel", "s.request_reply CANCELLED", "a.request_reply CANCELLED"])
            #expect(caller.answers.count == 1)
        }
    }

    @Test("a Request that its caller withdraws ends below the anchor too, before or after the caller was answered", arguments: [false, true])
    func withdrawn(isLate: Bool) throws {
        try Bench.with(.served("chain", ScriptedElement("a", hooks: [.requestReply]), .anchor(), Self.patient("c"))) { bench in
            let caller = TestCaller(name: "caller", journal: bench.journal)
            let reference = bench.begin(.request, by: caller, deadline: .seconds(1))
            bench.run()
            if isLate { bench.advance(.seconds(1)) }
            bench.loops[0].enter { reference?.withdraw() }
            bench.run()
            let code = isLate ? "DEADLINE_EXCEEDED" : "CANCELLED"
            #expect(
                bench.journal.take() == [
                    "s.request", "c.request PENDING", "caller \(code)", "c.cancel", "s.request_reply CANCELLED", "a.request_reply CANCELLED",
                ])
            bench.loops[0].enter { reference?.withdraw() }
            bench.run()
            #expect(bench.journal.lines.isEmpty && caller.answers.count == 1)
        }
    }

    @Test("above the anchor leaving ends the call: who is waited for is told, and no further element is entered", arguments: [true, false])
    func above(byDeadline: Bool) throws {
        let b = Self.patient("b")
        b.set(.cancel, .run { instance, hop in
            #expect(hop.flags & CATENA_HOP_CANCELLED != 0)
            instance.release(.next)
            return .next
        })
        try Bench.with(.served("chain", ScriptedElement("a"), b, ScriptedElement("z"), .anchor())) { bench in
            let caller = TestCaller(name: "caller", journal: bench.journal)
            let reference = bench.begin(.request, by: caller, deadline: .seconds(1))
            bench.run()
            if byDeadline {
                bench.advance(.seconds(1))
            } else {
                bench.loops[0].enter { reference?.callerLeft(isLate: false) }
            }
            bench.run()
            let code = byDeadline ? "DEADLINE_EXCEEDED" : "CANCELLED"
            #expect(
                bench.journal.lines == [
                    "a.request", "b.request PENDING", "caller \(code)", "b.cancel", "b.request_reply \(code)", "a.request_reply \(code)",
                ])
        }
    }

    @Test("in a chain without an anchor leaving ends the call anywhere, and it is told once")
    func withoutAnchor() throws {
        let b = Self.patient("b")
        try Bench.with(.served("chain", ScriptedElement("a", hooks: [.requestReply]), b)) { bench in
            bench.call(.request, deadline: .seconds(1))
            bench.advance(.seconds(5))
            #expect(bench.journal.lines == ["b.request PENDING", "caller DEADLINE_EXCEEDED", "b.cancel", "a.request_reply CANCELLED"])
        }
    }

    @Test("in the anchor's queue leaving ends the call, from whichever loop", arguments: [0, 1])
    func queued(loop: Int) throws {
        let b = ScriptedElement("b", hooks: [.request], [.request: [.held]])
        try Bench.with(.served("chain", ScriptedElement("a", hooks: [.requestReply]), .anchor(), b), loops: 2) { bench in
            bench.call(.request, as: "first")
            let second = bench.call(.request, loop: loop, deadline: .seconds(1), as: "second")
            bench.advance(.seconds(2))
            #expect(
                bench.journal.take() == [
                    "s.request", "b.request PENDING", "s.request PENDING", "second DEADLINE_EXCEEDED", "s.cancel",
                    "a.request_reply CANCELLED",
                ])
            #expect(second.answers.count == 1)
            b.instance.release()
            bench.run()
            #expect(bench.journal.take() == ["s.request_reply", "a.request_reply", "first OK"])
        }
    }

    @Test("a call without a deadline whose caller leaves below the anchor has the grace from then on")
    func leftWithoutDeadline() throws {
        let c = Self.patient("c")
        try Bench.with(.served("chain", .anchor(), c)) { bench in
            let caller = TestCaller(name: "caller", journal: bench.journal)
            let reference = bench.begin(.request, by: caller)
            bench.run()
            bench.loops[0].enter { reference?.callerLeft(isLate: false) }
            bench.advance(.seconds(14))
            #expect(bench.journal.take() == ["s.request", "c.request PENDING", "caller CANCELLED"])
            bench.advance(.seconds(2))
            #expect(bench.journal.take() == ["c.cancel", "s.request_reply CANCELLED"])
        }
    }

    @Test("cancellation counts on the way in only: a reply hook that waits is not told that its caller left")
    func wayOut() throws {
        let a = ScriptedElement("a", hooks: [.request, .cancel], [.requestReply: [.held]])
        try Bench.with(.served("chain", a, .anchor())) { bench in
            bench.call(.request, deadline: .seconds(1))
            bench.advance(.seconds(2))
            #expect(bench.journal.take() == ["a.request", "s.request", "s.request_reply", "a.request_reply PENDING", "caller DEADLINE_EXCEEDED"])
            a.instance.release()
            bench.run()
        }
    }

    private static func limiting(_ scripts: [Hook: [Act]] = [:]) -> ScriptedElement {
        let element = ScriptedElement("t", hooks: [.requestReply], scripts.merging([.request: [.run { instance, hop in
            #expect(instance.calls.deadline_below(instance.host, hop.call, .seconds(2)) == CATENA_OK)
            return .next
        }]]) { given, _ in given })
        return element
    }

    @Test("deadline_below cancels what is below, and its element sees DEADLINE_EXCEEDED", arguments: [true, false])
    func below(hasAnchor: Bool) throws {
        let c = Self.patient("c")
        c.set(.request, .run { _, hop in
            #expect(hop.deadline_ns == 3_000_000_000)
            return .held
        })
        try Bench.with(hasAnchor ? .served("chain", Self.limiting(), .anchor(), c) : .served("chain", Self.limiting(), c)) { bench in
            let caller = bench.call(.request, deadline: .seconds(60))
            bench.advance(.seconds(3))
            #expect(caller.causes == ["DEADLINE_EXCEEDED chain/t: nothing below answered within 2 s", "CANCELLED chain/c: told to stop"])
            #expect(bench.journal.lines.suffix(3).contains("t.request_reply DEADLINE_EXCEEDED"))
        }
    }

    @Test("deadline_below of an element without a reply hook is an error for those above it")
    func belowWithoutReply() throws {
        let t = ScriptedElement("t", hooks: [], [.request: [.run { instance, hop in
            _ = instance.calls.deadline_below(instance.host, hop.call, .seconds(2))
            return .next
        }]])
        try Bench.with(.served("chain", t, Self.patient("c"))) { bench in
            let caller = bench.call(.request)
            bench.advance(.seconds(3))
            #expect(caller.answer?.code == CATENA_DEADLINE_EXCEEDED)
        }
    }

    @Test("under AGAIN the time begins anew with each try")
    func belowAgain() throws {
        let t = Self.limiting([.requestReply: [.again, .again, .next]])
        t.flags = CATENA_TYPE_AGAIN
        try Bench.with(.served("chain", t, Self.patient("c"))) { bench in
            let caller = bench.call(.request, deadline: .seconds(60))
            bench.advance(.seconds(5))
            #expect(caller.answers.isEmpty)
            bench.advance(.seconds(2))
            #expect(caller.causes == ["DEADLINE_EXCEEDED chain/t: nothing below answered within 2 s", "CANCELLED chain/c: told to stop"])
            let tried = ["c.request PENDING", "c.cancel", "t.request_reply DEADLINE_EXCEEDED"]
            let triedAgain = ["c.request PENDING", "c.cancel", "t.request_reply DEADLINE_EXCEEDED AGAIN"]
            #expect(bench.journal.lines == ["t.request"] + triedAgain + triedAgain + tried + ["caller DEADLINE_EXCEEDED"])
        }
    }

    @Test("time that an element set is over when the part below has answered")
    func belowIsOver() throws {
        let a = ScriptedElement("a", hooks: [.cancel], [.requestReply: [.held]])
        try Bench.with(.served("chain", a, Self.limiting(), ScriptedElement("c"))) { bench in
            let caller = bench.call(.request)
            bench.advance(.seconds(5))
            #expect(!bench.journal.lines.contains("a.cancel"))
            a.instance.release()
            bench.run()
            #expect(caller.answer?.code == CATENA_OK)
        }
    }

    @Test("time that an element spends in its own hook does not count against what is below it")
    func ownWaiting() throws {
        let a = ScriptedElement("a", hooks: [.requestReply], [.request: [.run { instance, hop in
            #expect(instance.calls.deadline_below(instance.host, hop.call, .seconds(2)) == CATENA_OK)
            return .held
        }]])
        let b = ScriptedElement("b", hooks: [.request, .cancel], [.request: [.held]])
        try Bench.with(.served("chain", a, b)) { bench in
            let caller = bench.call(.request)
            bench.advance(.seconds(3))
            #expect(caller.answers.isEmpty)
            a.instance.release()
            bench.advance(.seconds(1.5))
            #expect(!bench.journal.lines.contains("b.cancel"))
            bench.advance(.seconds(1))
            #expect(bench.journal.lines.last == "b.cancel")
            b.instance.release()
            bench.run()
            #expect(caller.answer?.code == CATENA_OK)
        }
    }

    @Test("deadline_below is for request hooks")
    func misuse() throws {
        let a = ScriptedElement("a", hooks: [], [.requestReply: [.run { instance, hop in
            #expect(instance.calls.deadline_below(instance.host, hop.call, 5) == CATENA_MISUSE)
            return .next
        }], .close: [.run { instance, hop in
            #expect(instance.calls.deadline_below(instance.host, hop.call, 5) == CATENA_MISUSE)
            return .next
        }]])
        try Bench.with(.served("chain", a)) { bench in
            bench.call(.request)
            bench.call(.close)
            #expect(a.instance.calls.deadline_below(a.instance.host, a.instance.tickets[0], 5) == CATENA_GONE)
        }
    }

    @Test("a first Request that succeeds after its caller left is closed after orphanTimeout, unless a call comes", arguments: [true, false])
    func orphan(comesBack: Bool) throws {
        let c = ScriptedElement("c", hooks: [.request, .close, .connDropped], [.request: [.held, .next]])
        c.connSlot = 8
        try Bench.with(.served("chain", .anchor(), c)) { bench in
            bench.call(.request, deadline: .seconds(1))
            bench.advance(.seconds(2))
            c.instance.release()
            bench.run()
            #expect(bench.journal.take() == ["s.request", "c.request PENDING", "caller DEADLINE_EXCEEDED", "s.request_reply"])
            bench.advance(.seconds(29))
            if comesBack {
                bench.call(.request)
                _ = bench.journal.take()
            }
            bench.advance(.seconds(2))
            #expect(
                bench.journal.take() == (comesBack ? [] : ["s.close EXPIRED", "c.close EXPIRED", "s.close_reply EXPIRED", "c.conn_dropped EXPIRED"]))
            #expect(bench.connectionCount == (comesBack ? 1 : 0))
        }
    }

    @Test("of two reasons to end a call the first one stands")
    func firstReason() throws {
        let b = ScriptedElement("b", hooks: [.request], [.request: [.held]])
        let c = ScriptedElement("c", hooks: [.request])
        try Bench.with(.served("chain", .anchor(), b, c)) { bench in
            b.set(.request, .next)
            bench.open()
            b.set(.request, .held)
            let connection = bench.engine.served[0].connections.all()[0]
            let operation = b.instance.start(connection.number, .request)
            bench.run()
            #expect(b.instance.connections.cancel(b.instance.host, operation) == CATENA_OK)
            bench.run()
            bench.engine.abort()
            bench.run()
            b.instance.release()
            bench.run()
            #expect(bench.journal.lines.contains("b.done CANCELLED"))
        }
    }

    @Test("a time without end is one, wherever it is added")
    func endlessTime() throws {
        let a = ScriptedElement("a", hooks: [.requestReply], [.request: [.run { instance, hop in
            #expect(instance.calls.deadline_below(instance.host, hop.call, .max) == CATENA_OK)
            return .next
        }]])
        let b = ScriptedElement("b", hooks: [.request], [.request: [.held]])
        try Bench.with(.served("chain", a, b)) { bench in
            bench.clock.now = .seconds(5)
            let caller = bench.call(.request)
            bench.advance(.seconds(1000))
            #expect(caller.answers.isEmpty)
            b.instance.release()
            bench.run()
            #expect(caller.answer?.code == CATENA_OK)
        }
    }

    @Test("the wall clock is translated to the clock of deadlines")
    func wallClock() throws {
        let a = ScriptedElement("a")
        try Bench.with(.served("chain", a)) { bench in
            let instance = a.instance
            #expect(instance.calls.now(instance.host) == bench.clock.now)
            #expect(instance.calls.from_unix(instance.host, 0) == 0)
            #expect(instance.calls.from_unix(instance.host, .min) == 0)
            #expect(instance.calls.from_unix(instance.host, .max) > bench.clock.now)
        }
    }
}
