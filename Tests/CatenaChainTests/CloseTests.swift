// SPDX-License-Identifier: Apache-2.0
// The law of Close: it reaches everyone, whatever any of them says; it ends the incarnation; only a guard may refuse it.

import CatenaABI
import Testing

@testable import CatenaChain

@Suite("Close")
struct CloseTests {
    @Test("reaches everyone whatever fails, and the errors become causes of the first")
    func everyone() throws {
        let a = ScriptedElement("a", [.close: [.fail(CATENA_ABORTED, "a is stuck")]])
        let b = ScriptedElement("b", [.close: [.later(.fail(CATENA_INTERNAL, "b is stuck"))]])
        let c = ScriptedElement("c", [.close: [.verdict(9)]])
        let d = ScriptedElement("d", [.closeReply: [.fail(CATENA_UNKNOWN, "d is stuck")]])
        try Bench.with(.served("chain", a, b, c, d)) { bench in
            let caller = bench.call(.close)
            #expect(
                bench.journal.lines == [
                    "a.close FAIL", "b.close PENDING", "c.close 9", "d.close", "d.close_reply ABORTED FAIL", "c.close_reply UNKNOWN",
                    "b.close_reply UNKNOWN", "a.close_reply UNKNOWN", "caller UNKNOWN",
                ])
            #expect(
                caller.causes == [
                    "UNKNOWN chain/d: d is stuck", "ABORTED chain/a: a is stuck", "INTERNAL chain/b: b is stuck",
                    "INTERNAL chain/c: the element answered close with 9, which is no verdict",
                ])
        }
    }

    @Test("ends the incarnation even when it fails, and drops every slot once with its reason")
    func dropsSlots() throws {
        let elements = ["b", "c"].map { ScriptedElement($0, hooks: [.request, .close, .connDropped]) }
        for element in elements { element.connSlot = 32 }
        elements[1].set(.close, .fail())
        try Bench.with(.served("chain", .anchor(), elements[0], elements[1])) { bench in
            bench.open()
            bench.call(.close)
            #expect(
                bench.journal.take() == [
                    "s.close", "b.close", "c.close FAIL", "s.close_reply UNAVAILABLE", "c.conn_dropped CALLER", "b.conn_dropped CALLER",
                    "caller UNAVAILABLE",
                ])
            #expect(bench.connectionCount == 0)
        }
    }

    @Test("a guard's FAIL stops it there: nothing below is reached, nothing has changed", arguments: [true, false])
    func guarded(isAbove: Bool) throws {
        let g = ScriptedElement("g", [.close: [.fail(CATENA_PERMISSION_DENIED, "not yours"), .next]])
        g.flags = CATENA_TYPE_GUARD
        let b = ScriptedElement("b", hooks: [.request, .close, .connDropped])
        b.connSlot = 8
        try Bench.with(isAbove ? .served("chain", g, .anchor(), b) : .served("chain", .anchor(), g, b)) { bench in
            bench.open()
            let caller = bench.call(.close)
            #expect(caller.error?.code == CATENA_PERMISSION_DENIED && caller.error?.isRefused == true)
            #expect(
                bench.journal.take()
                    == (isAbove ? ["g.close FAIL"] : ["s.close", "g.close FAIL", "s.close_reply PERMISSION_DENIED"]) + ["caller PERMISSION_DENIED"])
            #expect(bench.connectionCount == 1)
            #expect(bench.call(.close).answer?.code == CATENA_OK)
            #expect(bench.connectionCount == 0)
        }
    }

    @Test("DONE is honoured where nothing is open, and is NEXT where a connection is")
    func done() throws {
        let b = ScriptedElement("b", [.close: [.done]])
        try Bench.with(.served("chain", .anchor(), b, ScriptedElement("c"))) { bench in
            bench.open()
            bench.call(.close)
            #expect(
                bench.journal.take() == ["s.close", "b.close DONE", "c.close", "c.close_reply", "b.close_reply", "s.close_reply", "caller OK"])
            bench.call(.close)
            #expect(bench.journal.take() == ["s.close DONE", "caller OK"])
            #expect(bench.connectionCount == 0)
        }
    }

    @Test("DONE above the anchor, and in a chain without one, is NEXT: the host does not know there")
    func doneAbove() throws {
        let a = ScriptedElement("a", hooks: [.close], [.close: [.done]])
        try Bench.with(.served("chain", a, .anchor()), .served("other", ScriptedElement("x", hooks: [.close], [.close: [.done]]), ScriptedElement("y", hooks: [.close]))) { bench in
            bench.call(.close)
            bench.call(.close, on: "other")
            #expect(bench.journal.lines == ["a.close DONE", "s.close DONE", "caller OK", "x.close DONE", "y.close", "caller OK"])
        }
    }

    @Test("runs on its own time: the caller is answered at its deadline, the Close goes on to closeTimeout and to its end")
    func deadline() throws {
        let b = ScriptedElement("b", [
            .close: [.run { _, hop in
                #expect(hop.deadline_ns == 31_000_000_000)
                return .held
            }],
            .cancel: [.run { instance, _ in
                instance.release()
                return .next
            }],
        ])
        b.hooks.insert(.connDropped)
        b.connSlot = 8
        try Bench.with(.served("chain", .anchor(), b, ScriptedElement("c", hooks: [.close]))) { bench in
            bench.open()
            let caller = bench.call(.close, deadline: .seconds(1))
            bench.advance(.seconds(29))
            #expect(caller.answer?.code == CATENA_DEADLINE_EXCEEDED)
            #expect(bench.journal.take() == ["s.close", "b.close PENDING", "caller DEADLINE_EXCEEDED"])
            bench.advance(.seconds(2))
            #expect(bench.journal.take() == ["b.cancel", "c.close", "b.close_reply", "s.close_reply", "b.conn_dropped CALLER"])
            #expect(caller.answers.count == 1)
        }
    }

    @Test("a caller that leaves does not withdraw it")
    func callerLeft() throws {
        let b = ScriptedElement("b", hooks: [.request, .close, .cancel], [.close: [.held]])
        try Bench.with(.served("chain", .anchor(), b)) { bench in
            bench.open()
            let caller = TestCaller(name: "caller", journal: bench.journal)
            let reference = bench.begin(.close, by: caller)
            bench.run()
            bench.loops[0].enter { reference?.callerLeft(isLate: false) }
            bench.run()
            #expect(bench.journal.take() == ["s.close", "b.close PENDING", "caller CANCELLED"])
            b.instance.release()
            bench.run()
            #expect(bench.journal.take() == ["s.close_reply"])
            #expect(bench.connectionCount == 0)
        }
    }

    @Test("a Close in the anchor's queue is not told that its time is over: its time begins with its turn")
    func queued() throws {
        let b = ScriptedElement("b", hooks: [.request, .close], [
            .request: [.held],
            .close: [.run { _, hop in
                #expect(hop.deadline_ns == 71_000_000_000)
                return .next
            }],
        ])
        try Bench.with(.served("chain", .anchor(), b)) { bench in
            bench.call(.request, as: "first")
            bench.call(.close)
            bench.advance(.seconds(40))
            #expect(bench.journal.take() == ["s.request", "b.request PENDING", "s.close PENDING"])
            b.instance.release()
            bench.run()
            #expect(bench.journal.take() == ["s.request_reply", "first OK", "b.close", "s.close_reply", "caller OK"])
        }
    }
}
