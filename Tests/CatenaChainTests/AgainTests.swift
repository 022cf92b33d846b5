// SPDX-License-Identifier: Apache-2.0
// The law of AGAIN: a retry begins on clean ground, with what the element that asked for it wrote, and nothing else.

import CatenaABI
import Testing

@testable import CatenaChain

@Suite("AGAIN")
struct AgainTests {
    private static func retry(_ scripts: [Hook: [Act]]) -> ScriptedElement {
        let element = ScriptedElement("r", hooks: [.requestReply], scripts)
        element.flags = CATENA_TYPE_AGAIN
        return element
    }

    private static func set(_ text: String, _ hop: catena_hop) { TestMessage.of(hop.message)?.set(CATENA_F_CONNECTION, Array(text.utf8)) }
    private static func text(_ hop: catena_hop) -> String { TestMessage.of(hop.message)?.text(CATENA_F_CONNECTION) ?? "" }

    @Test("runs everything below once more, after it has been undone", arguments: [Act.again, .before(.again), .later(.again), .thread(.again)])
    func order(act: Act) throws {
        let r = Self.retry([.requestReply: [act, act, .next]])
        let c = ScriptedElement("c", [.request: [.fail(), .fail(), .next]])
        try Bench.with(.served("chain", ScriptedElement("a"), r, ScriptedElement("b"), c)) { bench in
            #expect(bench.call(.request).answer?.code == CATENA_OK)
            let mark = act.mark
            let failed = [
                "b.request", "c.request FAIL", "b.request_reply UNAVAILABLE", "b.close ROLLBACK", "b.close_reply ROLLBACK",
                "r.request_reply UNAVAILABLE\(mark)",
            ]
            #expect(
                bench.journal.lines == ["a.request"] + failed + failed
                    + ["b.request", "c.request", "c.request_reply", "b.request_reply", "r.request_reply", "a.request_reply", "caller OK"])
        }
    }

    @Test("message and values are as they were at NEXT before the reply hook sees the error; its writes begin the next try")
    func restores() throws {
        var tries: [String] = []
        let r = Self.retry([
            .request: [.run { instance, hop in
                instance.value(0, hop).pointee = 1
                Self.set("as kept", hop)
                return .next
            }],
            .requestReply: [.run { instance, hop in
                #expect(Self.text(hop) == "as kept")
                #expect(instance.value(0, hop).pointee == 1)
                guard hop.attempt < 3 else { return .next }
                instance.value(0, hop).pointee = 10 + UInt64(hop.attempt)
                Self.set("after \(hop.attempt)", hop)
                return .again
            }],
        ])
        r.values = [.init(key: "k", flags: CATENA_VALUE_PROVIDES)]
        let c = ScriptedElement("c", hooks: [], [.request: [.run { instance, hop in
            tries.append("\(Self.text(hop)) \(instance.value(0, hop).pointee) \(hop.attempt)")
            Self.set("spoilt", hop)
            instance.value(0, hop).pointee = 99
            return .fail()
        }]])
        c.values = [.init(key: "k", flags: CATENA_VALUE_CONSUMES)]
        try Bench.with(.served("chain", r, c)) { bench in
            #expect(bench.call(.request).answer?.code == CATENA_UNAVAILABLE)
            #expect(tries == ["as kept 1 1", "after 1 11 2", "after 2 12 3"])
        }
    }

    @Test("call slots below are dropped and zeroed; those above and its own stay")
    func callSlots() throws {
        let count: Act = .run { instance, hop in
            let slot = hop.call_slot.assumingMemoryBound(to: UInt64.self)
            slot.pointee += 1
            instance.record("\(instance.name) \(slot.pointee)")
            return .next
        }
        let a = ScriptedElement("a", hooks: [.callDropped], [.request: [count]])
        let r = Self.retry([.request: [count], .requestReply: [.again, .next]])
        let b = ScriptedElement("b", hooks: [.callDropped], [.request: [count], .requestReply: [count]])
        for element in [a, r, b] { element.callSlot = 8 }
        let c = ScriptedElement("c", hooks: [.request], [.request: [.fail(), .next]])
        try Bench.with(.served("chain", a, r, b, c)) { bench in
            bench.call(.request)
            #expect(
                bench.journal.lines.filter { $0.hasSuffix("dropped") || $0.contains { $0.isNumber } } == [
                    "a 1", "r 1", "b 1", "b 2", "b.call_dropped", "b 1", "b 2", "b.call_dropped", "a.call_dropped",
                ])
        }
    }

    @Test("AGAIN above the anchor goes through it anew, and the connection is first again")
    func aboveAnchor() throws {
        let r = Self.retry([.requestReply: [.again, .next]])
        let b = ScriptedElement("b", hooks: [.request, .close, .connDropped], [.request: [.run { _, hop in
            #expect(hop.flags == CATENA_HOP_FIRST)
            #expect(hop.conn_slot.load(as: UInt64.self) == 0)
            hop.conn_slot.storeBytes(of: 1, as: UInt64.self)
            return .next
        }]])
        b.connSlot = 8
        let c = ScriptedElement("c", hooks: [.request], [.request: [.fail(), .next]])
        try Bench.with(.served("chain", r, .anchor(), b, c)) { bench in
            #expect(bench.call(.request).answer?.code == CATENA_OK)
            #expect(
                bench.journal.take() == [
                    "s.request", "b.request", "c.request FAIL", "b.close ROLLBACK", "b.conn_dropped ROLLBACK", "s.request_reply UNAVAILABLE",
                    "r.request_reply UNAVAILABLE AGAIN", "s.request", "b.request", "c.request", "s.request_reply", "r.request_reply",
                    "caller OK",
                ])
            #expect(bench.connectionCount == 1)
        }
    }

    @Test("below the anchor a retry stays in the turn, on the same connection slots")
    func belowAnchor() throws {
        let r = Self.retry([.requestReply: [.again, .next]])
        let c = ScriptedElement("c", hooks: [], [.request: [
            .run { _, hop in
                hop.conn_slot.storeBytes(of: 5, as: UInt64.self)
                return .fail()
            },
            .run { _, hop in
                #expect(hop.conn_slot.load(as: UInt64.self) == 5)
                return .next
            },
        ]])
        c.connSlot = 8
        try Bench.with(.served("chain", .anchor(), r, c)) { bench in
            #expect(bench.call(.request).answer?.code == CATENA_OK)
            #expect(
                bench.journal.lines == [
                    "s.request", "c.request FAIL", "r.request_reply UNAVAILABLE AGAIN", "c.request", "r.request_reply", "s.request_reply",
                    "caller OK",
                ])
        }
    }

    @Test("an anchor of an AGAIN type begins the part below it anew, with slots of a new incarnation")
    func anchorAgain() throws {
        let s = ScriptedElement("s", hooks: [.request], [.requestReply: [.again, .next]])
        s.flags = CATENA_TYPE_ANCHOR | CATENA_TYPE_AGAIN
        let b = ScriptedElement("b", hooks: [.connDropped], [.request: [.run { _, hop in
            #expect(hop.conn_slot.load(as: UInt64.self) == 0)
            hop.conn_slot.storeBytes(of: 1, as: UInt64.self)
            return .next
        }]])
        b.connSlot = 8
        let c = ScriptedElement("c", hooks: [], [.request: [.fail(), .next]])
        try Bench.with(.served("chain", s, b, c)) { bench in
            #expect(bench.call(.request).answer?.code == CATENA_OK)
            #expect(
                bench.journal.take() == [
                    "s.request", "b.request", "c.request FAIL", "b.conn_dropped ROLLBACK", "s.request_reply UNAVAILABLE AGAIN", "b.request",
                    "c.request", "s.request_reply", "caller OK",
                ])
        }
    }

    @Test("AGAIN without end stops when the time of the call is over, also when nobody waits in between")
    func endless() throws {
        let r = Self.retry([.requestReply: [.again]])
        var options = EngineOptions()
        options.grace = .seconds(1)
        let c = ScriptedElement("c", hooks: [.request])
        try Bench.with(.served("chain", .anchor(), r, c), options: options) { bench in
            // Each try takes a tenth of a second, without anybody waiting.
            c.set(.request, .run { _, _ in
                bench.clock.now += .seconds(0.1)
                return .fail()
            })
            let caller = bench.call(.request, deadline: .seconds(2))
            bench.advance(.seconds(4))
            // The loop had work all the time, and its clock moved on inside that: the last error is what the caller is told.
            #expect(caller.answers.map(\.code) == [CATENA_UNAVAILABLE])
            #expect((25...35).contains(bench.journal.lines.count { $0 == "c.request FAIL" }))
            #expect(bench.engine.underWay.counts.outside == 0)
        }
    }

    @Test("a try that never came to the anchor is not undone above it")
    func aboveTheAnchor() throws {
        let a = ScriptedElement("a", [.request: [.next, .next]])
        let x = ScriptedElement("x", hooks: [.request], [.request: [.next, .fail(CATENA_ABORTED, "no")]])
        let r = Self.retry([.requestReply: [.again, .next]])
        try Bench.with(.served("chain", r, a, x, .anchor(), ScriptedElement("b", hooks: [.request], [.request: [.fail()]]))) { bench in
            #expect(bench.call(.request).answer?.code == CATENA_ABORTED)
            #expect(
                bench.journal.lines.suffix(5) == [
                    "a.request", "x.request FAIL", "a.request_reply ABORTED", "r.request_reply ABORTED", "caller ABORTED",
                ])
        }
    }

    @Test("AGAIN of a call that nobody waits for, and that would be cancelled before its next try, passes the error on")
    func cancelled() throws {
        let r = Self.retry([.requestReply: [.again]])
        let c = ScriptedElement("c", [.request: [.held], .cancel: [.run { instance, _ in
            instance.release(.fail(CATENA_CANCELLED, "stopped"))
            return .next
        }]])
        try Bench.with(.served("chain", r, c)) { bench in
            let caller = bench.call(.request, deadline: .seconds(1))
            bench.advance(.seconds(2))
            #expect(caller.answers.map(\.code) == [CATENA_DEADLINE_EXCEEDED])
            #expect(bench.journal.lines == ["c.request PENDING", "caller DEADLINE_EXCEEDED", "c.cancel", "r.request_reply CANCELLED AGAIN"])
        }
    }
}
