// SPDX-License-Identifier: Apache-2.0
// What elements begin by themselves: events, timers and posts, all in the name of one incarnation and never after its end.

import CatenaABI
import Synchronization
import Testing

@testable import CatenaChain

@Suite("Events")
struct EventTests {
    private static func number(_ bench: Bench) throws -> catena_conn {
        try #require(bench.engine.served[0].connections.all().first).number
    }

    @Test("an event from the anchor begins there, with the last good message, no caller, and reason EVENT")
    func fromAnchor() throws {
        let b = ScriptedElement("b")
        try Bench.with(.served("chain", ScriptedElement("a"), .anchor(), b)) { bench in
            bench.open()
            b.set(.request, .run { instance, hop in
                #expect(hop.flags == CATENA_HOP_EVENT && hop.reason == CATENA_EVENT)
                #expect(hop.deadline_ns == 16_000_000_000)
                #expect(instance.calls.peer(instance.host, hop.call).len == 0)
                return .next
            })
            let number = try Self.number(bench)
            #expect(b.instance.start(number, .request) != 0)
            bench.run()
            #expect(bench.journal.take() == ["s.request", "b.request", "b.request_reply", "s.request_reply", "b.done OK new"])
            #expect(b.instance.start(number, .close) != 0)
            bench.run()
            #expect(bench.journal.take() == ["s.close EVENT", "b.close EVENT", "b.close_reply EVENT", "s.close_reply EVENT", "b.done OK new"])
            #expect(bench.connectionCount == 0)
        }
    }

    @Test("an event waits its turn like a call from outside")
    func queued() throws {
        let b = ScriptedElement("b", hooks: [.request], [.request: [.next, .held, .next]])
        try Bench.with(.served("chain", .anchor(), b)) { bench in
            bench.open()
            bench.call(.request)
            _ = b.instance.start(try Self.number(bench), .request)
            bench.run()
            #expect(bench.journal.take() == ["s.request", "b.request PENDING", "s.request PENDING"])
            b.instance.release()
            bench.run()
            #expect(bench.journal.take() == ["s.request_reply", "caller OK", "b.request", "s.request_reply", "b.done OK new"])
        }
    }

    @Test("an event's own message is taken over, and becomes the last good one")
    func ownMessage() throws {
        let b = ScriptedElement("b")
        try Bench.with(.served("chain", .anchor(), b)) { bench in
            bench.open()
            _ = b.instance.start(try Self.number(bench), .request, message: bench.bank.make(id: "id", connection: "healed"))
            bench.run()
            #expect(bench.journal.lines.last == "b.done OK healed")
            bench.loops[0].enter {
                let last = bench.engine.served[0].connections.all()[0].lastGood
                #expect(TestMessage.of(last)?.text(CATENA_F_CONNECTION) == "healed")
            }
        }
    }

    @Test("done comes once, with the error, when an event fails, is cancelled, or its connection ends", arguments: ["fails", "cancelled", "ends", "late"])
    func done(how: String) throws {
        let b = ScriptedElement("b", hooks: [.request, .close], [.request: [.next, how == "fails" ? .fail() : .held], .cancel: [.run { instance, _ in
            instance.release(.fail(CATENA_CANCELLED, "stopped"))
            return .next
        }]])
        try Bench.with(.served("chain", .anchor(), b)) { bench in
            bench.open()
            let number = try Self.number(bench)
            if how == "ends" {
                b.set(.close, .held)
                bench.call(.close)
            }
            let operation = b.instance.start(number, .request)
            bench.run()
            switch how {
            case "cancelled": #expect(b.instance.connections.cancel(b.instance.host, operation) == CATENA_OK)
            case "ends": b.instance.release()
            case "late": bench.advance(.seconds(16))
            default: break
            }
            bench.run()
            let code = ["fails": "UNAVAILABLE", "cancelled": "CANCELLED", "ends": "CANCELLED", "late": "CANCELLED"][how] ?? ""
            #expect(bench.journal.lines.filter { $0.hasPrefix("b.done") } == ["b.done \(code)"])
            #expect(b.instance.connections.cancel(b.instance.host, operation) == CATENA_GONE)
            #expect(bench.connectionCount == (how == "ends" ? 0 : 1))
        }
    }

    @Test("the number of an incarnation that has ended is refused everywhere")
    func dead() throws {
        let b = ScriptedElement("b")
        try Bench.with(.served("chain", .anchor(), b)) { bench in
            bench.open()
            let number = try Self.number(bench)
            bench.call(.close)
            bench.open()
            let instance = b.instance
            bench.loops[0].enter {
                #expect(!instance.connections.established(instance.host, number))
                #expect(instance.connections.last(instance.host, number) == nil)
                #expect(instance.connections.post(instance.host, number, 0, { _, _ in Issue.record("ran") }, nil) == CATENA_GONE)
                #expect(instance.timers.at(instance.host, number, 0, 1, { _, _ in Issue.record("fired") }, nil) == 0)
                #expect(instance.chains.open(instance.host, number, 0, 1) == 0)
            }
            #expect(instance.start(number, .request, message: bench.bank.make(id: "id")) == 0)
            #expect(instance.start(0, .request) == 0)
            bench.run()
        }
    }

    @Test("the anchor may begin an event just after itself while it has the turn: nothing else runs below")
    func fromMyNext() throws {
        let s = ScriptedElement.anchor()
        let b = ScriptedElement("b", hooks: [.request, .close, .connDropped])
        b.connSlot = 8
        try Bench.with(.served("chain", s, b)) { bench in
            bench.open()
            let number = try Self.number(bench)
            let from = CATENA_FROM_MY_NEXT
            _ = s.instance.start(number, .close, from: from, reason: CATENA_RESELECT, message: bench.bank.make(id: "id"))
            bench.run()
            #expect(bench.journal.take() == ["b.close RESELECT", "s.done OK new"])
            #expect(bench.connectionCount == 1)
            _ = s.instance.start(number, .request, from: from, message: bench.bank.make(id: "id", connection: "again"))
            bench.run()
            #expect(bench.journal.take() == ["b.request", "s.done OK again"])
            #expect(TestMessage.of(bench.engine.served[0].connections.all()[0].lastGood)?.text(CATENA_F_CONNECTION) == "again")
            _ = s.instance.start(number, .close, from: from, message: bench.bank.make(id: "id"))
            bench.run()
            #expect(bench.journal.take() == ["b.close EVENT", "s.done OK new", "b.conn_dropped EVENT"])
            #expect(bench.connectionCount == 0)
        }
    }

    @Test("an event just after the anchor is refused to others, without a message, and while a call is below")
    func fromMyNextRefused() throws {
        let s = ScriptedElement.anchor()
        let b = ScriptedElement("b", hooks: [.request], [.request: [.next, .held]])
        try Bench.with(.served("chain", s, b)) { bench in
            bench.open()
            let number = try Self.number(bench)
            #expect(b.instance.start(number, .request, from: CATENA_FROM_MY_NEXT, message: bench.bank.make(id: "id")) == 0)
            #expect(s.instance.start(number, .request, from: CATENA_FROM_MY_NEXT) == 0)
            bench.call(.request)
            _ = s.instance.start(number, .request, from: CATENA_FROM_MY_NEXT, message: bench.bank.make(id: "id"))
            bench.run()
            #expect(bench.journal.take() == ["s.request", "b.request PENDING", "s.done FAILED_PRECONDITION"])
            b.instance.release()
            bench.run()
        }
    }

    // MARK: Timers and posts

    @Test("a timer fires once, on the connection's loop, with the slot, and not before its time")
    func timer() throws {
        let b = ScriptedElement("b", hooks: [], [.request: [.run { instance, hop in
            hop.conn_slot.storeBytes(of: 9, as: UInt64.self)
            let argument = Unmanaged.passUnretained(instance).toOpaque()
            #expect(instance.timers.at(instance.host, hop.conn, 0, 3_000_000_000, { argument, slot in
                ScriptedInstance.of(argument)?.record("fired \(slot?.load(as: UInt64.self) ?? 0)")
            }, argument) != 0)
            return .next
        }]])
        b.connSlot = 8
        try Bench.with(.served("chain", .anchor(), b), loops: 2) { bench in
            bench.open(loop: 1)
            bench.advance(1_999_999_999)
            #expect(bench.journal.take() == [])
            bench.advance(1)
            #expect(bench.journal.take() == ["fired 9"])
            bench.advance(.seconds(10))
            #expect(bench.journal.take() == [])
        }
    }

    @Test("a timer can be withdrawn once, and ends with its incarnation")
    func timerCancelled() throws {
        let b = ScriptedElement("b")
        try Bench.with(.served("chain", .anchor(), b)) { bench in
            bench.open()
            let number = try Self.number(bench)
            let instance = b.instance
            let arm = { instance.timers.at(instance.host, number, 0, bench.clock.now + 5, { _, _ in Issue.record("fired") }, nil) }
            bench.loops[0].enter {
                let timer = arm()
                #expect(instance.timers.cancel(instance.host, timer))
                #expect(!instance.timers.cancel(instance.host, timer))
                let operation = instance.start(number, .request)
                #expect(!instance.timers.cancel(instance.host, operation))
            }
            #expect(arm() != 0)
            bench.loops[0].enter { _ = arm() }
            bench.call(.close)
            #expect(bench.engine.operations.count == 0)
            bench.advance(.seconds(1))
        }
    }

    @Test("a post runs on the connection's loop, never inside the call; after the end its slot is NULL")
    func post() throws {
        let b = ScriptedElement("b")
        b.connSlot = 8
        try Bench.with(.served("chain", .anchor(), b), loops: 2) { bench in
            bench.open(loop: 1)
            let number = try Self.number(bench)
            let instance = b.instance
            let argument = Unmanaged.passUnretained(instance).toOpaque()
            let post = {
                instance.connections.post(instance.host, number, 0, { argument, slot in
                    ScriptedInstance.of(argument)?.record(slot == nil ? "ran without" : "ran")
                }, argument)
            }
            bench.loops[1].enter { #expect(post() == CATENA_OK) }
            #expect(bench.journal.take() == [])
            bench.run()
            #expect(bench.journal.take() == ["ran"])
            let caller = TestCaller(name: "caller", journal: bench.journal)
            bench.begin(.close, by: caller, loop: 0)
            while !bench.journal.lines.contains("s.close_reply") {
                if bench.loops[1].runOne() { _ = post() } else { _ = bench.loops[0].runOne() }
            }
            bench.run()
            #expect(bench.journal.lines.contains("ran without") || post() == CATENA_GONE)
        }
    }

    @Test("a post on its way when its connection ends finds no slot")
    func postLate() throws {
        let b = ScriptedElement("b", hooks: [.request, .connDropped], [.close: [.run { instance, hop in
            let argument = Unmanaged.passUnretained(instance).toOpaque()
            #expect(instance.connections.post(instance.host, hop.conn, 0, { argument, slot in
                ScriptedInstance.of(argument)?.record(slot == nil ? "ran without" : "ran")
            }, argument) == CATENA_OK)
            return .next
        }]])
        b.connSlot = 8
        try Bench.with(.served("chain", .anchor(), b)) { bench in
            bench.open()
            bench.call(.close)
            #expect(bench.journal.take() == ["s.close", "b.close", "s.close_reply", "b.conn_dropped CALLER", "caller OK", "ran without"])
        }
    }
}
