// SPDX-License-Identifier: Apache-2.0

import CatenaABI
import Synchronization
import Testing

@testable import CatenaChain

@Suite("An element that never resumes")
struct WriteOffTests {
    /// Times short enough to be told apart: 10 s of grace after the caller, 2 s to resume after cancel.
    private var options: EngineOptions {
        var options = EngineOptions()
        options.grace = .seconds(10)
        options.resumeTimeout = .seconds(2)
        options.closeTimeout = .seconds(30)
        return options
    }

    private let told = "the element never resumed its request hook, although it was told that nobody waits"

    @Test("below the anchor a first Request ends at its deadline plus grace, and everything entered is undone")
    func firstRequest() throws {
        let a = ScriptedElement("a")
        let b = ScriptedElement("b", hooks: [.request, .close, .cancel], [.request: [.held, .next]])
        try Bench.with(.served("chain", .anchor(), a, b), options: options) { bench in
            let caller = bench.call(.request, deadline: .seconds(1))
            bench.advance(.seconds(1))
            #expect(caller.answer?.code == CATENA_DEADLINE_EXCEEDED)
            bench.advance(.seconds(10))
            #expect(bench.journal.lines.last == "b.cancel")
            _ = bench.journal.take()
            bench.advance(.seconds(2))
            #expect(
                bench.journal.take() == [
                    "a.request_reply INTERNAL", "a.close ROLLBACK", "a.close_reply ROLLBACK", "s.request_reply INTERNAL",
                ])
            #expect(bench.engine.underWay.counts.outside == 0)
            #expect(bench.log.lines == ["error chain/b: element misbehaves rule=never resumed its request hook remedy=resume each PENDING hook once, and soon after cancel module= times=1"])
            #expect(bench.engine.status().chains[0].elements[2].owes == 1)
            // The next incarnation has nothing to do with it.
            #expect(bench.call(.request, as: "second").answer?.code == CATENA_OK)
            #expect(b.instance.release() == CATENA_GONE)
            bench.run()
            #expect(bench.engine.status().chains[0].elements[2].owes == 0)
        }
    }

    @Test("in a chain with no anchor the caller's leaving is the end")
    func noAnchor() throws {
        let a = ScriptedElement("a", hooks: [.request, .requestReply])
        let b = ScriptedElement("b", hooks: [.request, .cancel], [.request: [.held]])
        try Bench.with(.served("chain", a, b), options: options) { bench in
            let caller = bench.call(.request, deadline: .seconds(1))
            bench.advance(.seconds(3))
            #expect(caller.answers.count == 1)
            #expect(bench.journal.take() == ["a.request", "b.request PENDING", "caller DEADLINE_EXCEEDED", "b.cancel", "a.request_reply INTERNAL"])
            #expect(b.instance.release() == CATENA_GONE)
        }
    }

    @Test("a caller without a deadline waits; when it leaves, its call ends after the grace")
    func noDeadline() throws {
        let b = ScriptedElement("b", hooks: [.request, .cancel], [.request: [.held]])
        try Bench.with(.served("chain", .anchor(), b), options: options) { bench in
            let caller = TestCaller(name: "caller", journal: bench.journal)
            let reference = bench.begin(.request, by: caller)
            bench.advance(.seconds(1000))
            #expect(caller.answers.isEmpty)
            reference?.callerLeft(isLate: false)
            bench.advance(.seconds(11))
            #expect(bench.engine.underWay.counts.outside == 1)
            bench.advance(.seconds(2))
            #expect(bench.engine.underWay.counts.outside == 0)
            b.instance.release()
        }
    }

    @Test("a reply hook is written off like a request hook, also when its caller had no deadline")
    func replyHook() throws {
        let a = ScriptedElement("a", hooks: [.request, .requestReply])
        let b = ScriptedElement("b", hooks: [.request, .requestReply, .close, .cancel], [.requestReply: [.held]])
        let c = ScriptedElement("c", hooks: [.request, .close])
        try Bench.with(.served("chain", .anchor(), a, b, c), options: options) { bench in
            let caller = TestCaller(name: "caller", journal: bench.journal)
            let reference = bench.begin(.request, by: caller)
            bench.run()
            reference?.callerLeft(isLate: false)
            bench.advance(.seconds(12))
            // What is below it is undone; it is not called itself.
            #expect(
                bench.journal.lines.suffix(4) == ["b.cancel", "c.close ROLLBACK", "a.request_reply INTERNAL", "s.request_reply INTERNAL"])
            b.instance.release()
        }
    }

    @Test("a Close goes on without it at its own timeout, and an undo too")
    func closeAndUndo() throws {
        let a = ScriptedElement("a", hooks: [.request, .close])
        let b = ScriptedElement("b", hooks: [.request, .close, .cancel], [.close: [.held]])
        try Bench.with(.served("chain", .anchor(), a, b, ScriptedElement("c", hooks: [.close])), options: options) { bench in
            bench.open()
            let caller = bench.call(.close)
            bench.advance(.seconds(32))
            #expect(caller.answer?.description == "chain/b: the element never resumed its close hook, although it was told that nobody waits")
            #expect(
                bench.journal.take() == [
                    "s.close", "a.close", "b.close PENDING", "b.cancel", "c.close", "s.close_reply INTERNAL", "caller INTERNAL",
                ])
            b.instance.release()
        }
        let failing = ScriptedElement("d", hooks: [.request], [.request: [.fail()]])
        let undone = ScriptedElement("b", hooks: [.request, .close, .cancel], [.close: [.held]])
        try Bench.with(.served("chain", .anchor(), a, undone, failing), options: options) { bench in
            let caller = bench.call(.request)
            bench.advance(.seconds(32))
            #expect(caller.answer?.description == "chain/d: broken")
            #expect(bench.log.lines.contains("warning chain/b: rollback failed error=\(undoText) connection=id"))
            undone.instance.release()
        }
    }

    private let undoText = "chain/b: the element never resumed its close hook, although it was told that nobody waits"

    @Test("it is called no more for the connection: Requests fail and name it, Closes pass it by, until it resumes")
    func sameConnection() throws {
        let b = ScriptedElement("b", hooks: [.request, .close, .cancel])
        try Bench.with(.served("chain", .anchor(), b, ScriptedElement("c", hooks: [.request, .close])), options: options) { bench in
            bench.open()
            bench.open("other")
            b.set(.request, .held, .next)
            bench.call(.request, deadline: .seconds(1), as: "refresh")
            bench.advance(.seconds(13))
            _ = bench.journal.take()
            let refused = bench.call(.request, as: "refused")
            #expect(
                refused.answer
                    == .init(
                        code: CATENA_UNAVAILABLE,
                        description: "chain/b: the element still owes an answer for this connection, and is not called before it has given it",
                        connection: ""))
            #expect(bench.journal.take() == ["s.request", "s.request_reply UNAVAILABLE", "refused UNAVAILABLE"])
            #expect(bench.call(.request, "other", as: "other").answer?.code == CATENA_OK)
            b.instance.release()
            bench.run()
            #expect(bench.call(.request, as: "again").answer?.code == CATENA_OK)
            _ = bench.journal.take()
            bench.call(.close)
            #expect(bench.journal.take() == ["s.close", "b.close", "c.close", "s.close_reply", "caller OK"])
        }
    }

    @Test("its slots are kept until it resumes, however many incarnations later, and are then dropped once")
    func slotsAreKept() throws {
        let b = ScriptedElement("b", hooks: [.request, .close, .cancel, .callDropped, .connDropped], [.request: [.next, .held, .next]])
        b.callSlot = 8
        b.connSlot = 8
        let c = ScriptedElement("c", hooks: [.request, .connDropped, .callDropped])
        c.connSlot = 8
        c.callSlot = 8
        try Bench.with(.served("chain", .anchor(), b, c), options: options) { bench in
            bench.open()
            bench.call(.request, deadline: .seconds(1), as: "refresh")
            bench.advance(.seconds(13))
            _ = bench.journal.take()
            bench.call(.close)
            #expect(bench.journal.take() == ["s.close", "s.close_reply", "c.conn_dropped CALLER", "caller OK", "b.call_dropped"])
            bench.open()
            bench.call(.close)
            #expect(
                bench.journal.take() == ["s.close", "b.close", "s.close_reply", "c.conn_dropped CALLER", "b.conn_dropped CALLER", "caller OK", "b.call_dropped"])
            b.instance.release()
            bench.run()
            #expect(bench.journal.take() == ["b.conn_dropped CALLER", "b.call_dropped"])
        }
    }

    @Test("the message and values it may still change are its own: the call goes on with copies")
    func messageIsItsOwn() throws {
        var kept: catena_hop?
        let b = ScriptedElement("b", hooks: [.request, .cancel], [.request: [.run { _, hop in
            kept = hop
            return .held
        }]])
        let a = ScriptedElement("a", hooks: [.request, .requestReply], [
            .request: [.run { instance, hop in
                instance.value(0, hop).pointee = 7
                return .next
            }],
            .requestReply: [.run { instance, hop in
                #expect(hop.message != kept?.message && hop.values != kept?.values)
                instance.record("a saw \(TestMessage.of(hop.message)?.text(CATENA_F_CONNECTION) ?? "") \(instance.value(0, hop).pointee)")
                return .next
            }],
        ])
        a.values = [.init(key: "v", flags: CATENA_VALUE_PROVIDES)]
        try Bench.with(.served("chain", .anchor(), a, b), options: options) { bench in
            bench.call(.request, deadline: .seconds(1), connection: "whole")
            bench.advance(.seconds(13))
            #expect(bench.journal.lines.contains("a saw whole 7"))
            // It is all there until the element lets go of it.
            TestMessage.of(kept?.message)?.set(CATENA_F_CONNECTION, Array("late".utf8))
            kept?.values.storeBytes(of: 8, as: UInt64.self)
            b.instance.release()
        }
    }

    @Test("who waits for a client call is not written off before that call has ended")
    func clientCall() throws {
        let h = ScriptedElement("h", hooks: [.request, .cancel], [.request: [.held]])
        try Bench.with(.served("chain", .anchor(), .connector()), .client("client", h), options: options) { bench in
            bench.call(.request, deadline: .seconds(1))
            bench.advance(.seconds(13))
            #expect(bench.engine.underWay.counts.outside == 0)
            #expect(bench.log.lines == ["error chain/c/h: element misbehaves rule=never resumed its request hook remedy=resume each PENDING hook once, and soon after cancel module= times=1"])
            h.instance.release()
        }
    }

    @Test("an engine that stops does not wait for it longer than a second, and does not destroy it")
    func stopping() throws {
        let b = ScriptedElement("b", hooks: [.request, .close, .cancel, .connDropped, .destroy], [.request: [.next, .held]])
        b.connSlot = 8
        let c = ScriptedElement("c", hooks: [.request, .destroy])
        let bench = try Bench([.served("chain", .anchor(), b, c)], options: options)
        bench.open()
        bench.call(.request)
        bench.engine.abort()
        let isStopped = Mutex(false)
        bench.advance(.seconds(1))
        bench.engine.stop { isStopped.withLock { $0 = true } }
        bench.run()
        #expect(isStopped.withLock { $0 })
        #expect(bench.journal.lines.contains("c.destroy") && !bench.journal.lines.contains("b.destroy"))
        #expect(!bench.journal.lines.contains("b.conn_dropped STOPPING"))
        b.instance.release()
        bench.run()
        #expect(bench.journal.lines.contains("b.conn_dropped STOPPING"))
        #expect(bench.bank.alive == 0)
        bench.forget()
    }
}
