// SPDX-License-Identifier: Apache-2.0
// The law of rollback: when a first Request fails, what is below an element has been undone before that element sees the
// failure, whoever failed and wherever.

import CatenaABI
import Testing

@testable import CatenaChain

@Suite("Rollback")
struct RollbackTests {
    @Test("undoes exactly what was entered, deepest first, before each reply hook sees the failure")
    func order() throws {
        let c = ScriptedElement("c", [.request: [.fail()]])
        try Bench.with(.served("chain", ScriptedElement("a"), ScriptedElement("b"), c)) { bench in
            bench.call(.request)
            #expect(
                bench.journal.lines == [
                    "a.request", "b.request", "c.request FAIL", "b.request_reply UNAVAILABLE", "b.close ROLLBACK",
                    "b.close_reply ROLLBACK", "a.request_reply UNAVAILABLE", "a.close ROLLBACK", "a.close_reply ROLLBACK",
                    "caller UNAVAILABLE",
                ])
        }
    }

    @Test("undoes an element that said DONE, and one whose reply failed")
    func doneAndReply() throws {
        let b = ScriptedElement("b", [.requestReply: [.fail()]])
        let c = ScriptedElement("c", [.request: [.done]])
        try Bench.with(.served("chain", ScriptedElement("a"), b, c)) { bench in
            bench.call(.request)
            #expect(
                bench.journal.lines == [
                    "a.request", "b.request", "c.request DONE", "b.request_reply FAIL", "c.close ROLLBACK", "c.close_reply ROLLBACK",
                    "b.close ROLLBACK", "b.close_reply ROLLBACK", "a.request_reply UNAVAILABLE", "a.close ROLLBACK",
                    "a.close_reply ROLLBACK", "caller UNAVAILABLE",
                ])
        }
    }

    @Test("waits for undo hooks that are PENDING", arguments: ResumeTests.When.allCases)
    func pending(when: ResumeTests.When) throws {
        let b = ScriptedElement("b", [.close: [when.act(.next)], .closeReply: [when.act(.next)]])
        let c = ScriptedElement("c", [.request: [.fail()]])
        try Bench.with(.served("chain", ScriptedElement("a"), b, c)) { bench in
            bench.call(.request)
            #expect(
                bench.journal.lines == [
                    "a.request", "b.request", "c.request FAIL", "b.request_reply UNAVAILABLE", "b.close ROLLBACK PENDING",
                    "b.close_reply ROLLBACK PENDING", "a.request_reply UNAVAILABLE", "a.close ROLLBACK", "a.close_reply ROLLBACK",
                    "caller UNAVAILABLE",
                ])
        }
    }

    @Test("goes on when undo hooks fail, says so in the log, and keeps the first error", arguments: [
        Act.fail(CATENA_ABORTED, "stuck"), .later(.fail(CATENA_ABORTED, "stuck")),
    ])
    func failing(act: Act) throws {
        let b = ScriptedElement("b", [.close: [act], .closeReply: [act]])
        let c = ScriptedElement("c", [.request: [.fail()]])
        try Bench.with(.served("chain", ScriptedElement("a"), b, c)) { bench in
            let caller = bench.call(.request)
            #expect(caller.causes == ["UNAVAILABLE chain/c: broken"])
            #expect(bench.log.lines.filter { $0.hasPrefix("warning chain/b: rollback failed error=chain/b: stuck connection=id") }.count == 2)
            #expect(bench.journal.lines.suffix(4) == ["a.request_reply UNAVAILABLE", "a.close ROLLBACK", "a.close_reply ROLLBACK", "caller UNAVAILABLE"])
        }
    }

    @Test("runs on the call's own slots and values, on a deadline of its own")
    func sameSlots() throws {
        let b = ScriptedElement("b", [
            .request: [.run { _, hop in
                hop.call_slot.storeBytes(of: 7, as: UInt64.self)
                return .next
            }],
            .close: [.run { _, hop in
                #expect(hop.call_slot.load(as: UInt64.self) == 7)
                #expect(hop.deadline_ns == 31_000_000_000)
                #expect(hop.flags == 0)
                return .next
            }],
            .requestReply: [.run { _, hop in
                #expect(hop.deadline_ns == 3_000_000_000)
                return .next
            }],
        ])
        b.callSlot = 8
        let c = ScriptedElement("c", [.request: [.fail()]])
        try Bench.with(.served("chain", b, c)) { bench in
            bench.call(.request, deadline: .seconds(2))
            #expect(bench.journal.lines.contains("b.close ROLLBACK"))
        }
    }

    @Test("a failed refresh undoes nothing, and the connection stays open")
    func refresh() throws {
        let c = ScriptedElement("c", [.request: [.next, .fail(), .next]])
        let b = ScriptedElement("b", hooks: [.request, .requestReply, .close, .closeReply, .connDropped])
        b.connSlot = 8
        try Bench.with(.served("chain", ScriptedElement("a"), .anchor(), b, c)) { bench in
            bench.open()
            bench.call(.request)
            #expect(
                bench.journal.take() == [
                    "a.request", "s.request", "b.request", "c.request FAIL", "b.request_reply UNAVAILABLE", "s.request_reply UNAVAILABLE",
                    "a.request_reply UNAVAILABLE", "caller UNAVAILABLE",
                ])
            #expect(bench.connectionCount == 1)
            #expect(bench.call(.request).answer?.code == CATENA_OK)
        }
    }

    @Test("a first Request that fails below the anchor leaves nothing, and the turn passes on after that")
    func belowAnchor() throws {
        let b = ScriptedElement("b", hooks: [.request, .requestReply, .close, .connDropped])
        b.connSlot = 8
        let c = ScriptedElement("c", [.request: [.fail()]])
        try Bench.with(.served("chain", .anchor(), b, c)) { bench in
            bench.call(.request)
            #expect(
                bench.journal.take() == [
                    "s.request", "b.request", "c.request FAIL", "b.request_reply UNAVAILABLE", "b.close ROLLBACK",
                    "b.conn_dropped ROLLBACK", "s.request_reply UNAVAILABLE", "caller UNAVAILABLE",
                ])
            #expect(bench.connectionCount == 0)
        }
    }

    @Test("a reply hook below the anchor that fails a first Request undoes what is below and itself")
    func replyBelowAnchor() throws {
        let b = ScriptedElement("b", [.requestReply: [.fail()]])
        try Bench.with(.served("chain", .anchor(), b, ScriptedElement("c"))) { bench in
            bench.call(.request)
            #expect(
                bench.journal.lines == [
                    "s.request", "b.request", "c.request", "c.request_reply", "b.request_reply FAIL", "c.close ROLLBACK",
                    "c.close_reply ROLLBACK", "b.close ROLLBACK", "b.close_reply ROLLBACK", "s.request_reply UNAVAILABLE",
                    "caller UNAVAILABLE",
                ])
            #expect(bench.connectionCount == 0)
        }
    }

    @Test("a first Request that fails at the anchor's reply, or above it, is closed through the anchor", arguments: ["s", "a"])
    func committed(at name: String) throws {
        let a = ScriptedElement("a", hooks: [.request, .requestReply], name == "a" ? [.requestReply: [.fail()]] : [:])
        let z = ScriptedElement("z", hooks: [.request, .requestReply, .close])
        let s = ScriptedElement.anchor("s")
        let b = ScriptedElement("b", hooks: [.request, .requestReply, .close, .closeReply, .connDropped])
        b.connSlot = 8
        if name == "s" {
            s.set(.requestReply, .run { instance, hop in
                guard case .next = instance.element.queue?.run(.requestReply, instance, hop, failed: false) else { return .done }
                return .fail()
            })
        }
        try Bench.with(.served("chain", z, a, s, b)) { bench in
            bench.call(.request)
            let way = ["z.request", "a.request", "s.request", "b.request", "b.request_reply"]
            let failure = name == "s"
                ? ["s.request_reply FAIL"] : ["s.request_reply", "a.request_reply FAIL"]
            let undo = ["s.close ROLLBACK", "b.close ROLLBACK", "b.close_reply ROLLBACK", "s.close_reply ROLLBACK", "b.conn_dropped ROLLBACK"]
            let rest = (name == "s" ? ["a.request_reply UNAVAILABLE"] : []) + ["z.request_reply UNAVAILABLE", "z.close ROLLBACK", "caller UNAVAILABLE"]
            #expect(bench.journal.lines == way + failure + undo + rest)
            #expect(bench.connectionCount == 0)
        }
    }

    @Test("an undo that takes too long is told so, at every element it waits for")
    func undoDeadline() throws {
        let cancel: [Hook: [Act]] = [.close: [.held], .cancel: [.run { instance, _ in
            instance.release()
            return .next
        }]]
        let a = ScriptedElement("a", cancel)
        let b = ScriptedElement("b", cancel)
        let c = ScriptedElement("c", [.request: [.fail()]])
        let options = EngineOptions()
        try Bench.with(.served("chain", a, b, c), options: options) { bench in
            let caller = bench.call(.request)
            bench.advance(.seconds(31))
            bench.advance(.seconds(31))
            #expect(caller.answer?.code == CATENA_UNAVAILABLE)
            #expect(bench.journal.lines.filter { $0.hasSuffix(".cancel") } == ["b.cancel", "a.cancel"])
        }
    }
}
