// SPDX-License-Identifier: Apache-2.0

import CatenaABI
import Synchronization
import Testing

@testable import CatenaChain

@Suite("Elements that owe an answer, or are out of use, in the corners of a call")
struct ContainmentTests {
    private var options: EngineOptions {
        var options = EngineOptions()
        options.grace = .seconds(10)
        options.resumeTimeout = .seconds(2)
        options.closeTimeout = .seconds(30)
        return options
    }

    /// A connector that answers its hook a second after its client call has ended, as an async element may.
    private func slowConnector(_ tickets: Tickets) -> ScriptedElement {
        let element = ScriptedElement.connector()
        element.set(.request, .run { instance, hop in
            guard let slot = hop.conn_slot?.assumingMemoryBound(to: catena_leg.self) else { return .next }
            slot.pointee = instance.chains.open(instance.host, hop.conn, 0, Connector.acquire(instance, "tcp://next"))
            tickets.box.withLock { $0.append(hop.call) }
            Connector.begin(
                instance, .request, slot.pointee, message: instance.messages.clone(hop.message), parent: hop.call, nil, deadline: instance.calls.now(instance.host) + .seconds(10.9)
            ) { _, _, _, _ in }
            return .queued
        })
        return element
    }

    final class Tickets: Sendable { let box = Mutex<[catena_call]>([]) }

    @Test("the parent has its own while, counted from the end of its client call")
    func parentPatience() throws {
        let tickets = Tickets()
        let c = slowConnector(tickets)
        let h = ScriptedElement("h", hooks: [.request, .cancel], [.request: [.held]])
        try Bench.with(.served("chain", .anchor(), c), .client("client", h), options: options) { bench in
            bench.call(.request, deadline: .seconds(1))
            bench.advance(.seconds(13.5))  // h was told at 10.9 s and written off at 12.9 s; c was told at 11 s, and answers at 13.5 s
            let ticket = tickets.box.withLock { $0[0] }
            #expect(c.instance.resume(ticket, .fail()) == CATENA_OK)
            bench.run()
            #expect(bench.log.lines.filter { $0.contains("chain/c:") } == [])
            h.instance.release()
        }
    }

    @Test("a Close that its anchor never lets pass ends when the host stops")
    func heldClose() throws {
        let s = ScriptedElement.anchor()
        let bench = try Bench([.served("chain", s, ScriptedElement("b"))], options: options)
        bench.open()
        s.set(.close, .held)
        bench.call(.close)
        bench.advance(.seconds(1000))
        #expect(bench.engine.underWay.counts.outside == 0, "1000 s later")
        bench.engine.abort()
        let isStopped = Mutex(false)
        bench.engine.stop { isStopped.withLock { $0 = true } }
        bench.advance(.seconds(1000))
        #expect(isStopped.withLock { $0 }, "abort does not end it")
        s.instance.release()
        bench.run()
        bench.forget()
    }

    @Test("calls in the queue of an anchor that is taken out are let go")
    func disabledAnchor() throws {
        let s = ScriptedElement.anchor()
        s.onFault = .disable
        let b = ScriptedElement("b", hooks: [.request, .close], [.request: [.next, .held]])
        let bench = try Bench([.served("chain", s, b)], options: options)
        bench.open()
        bench.call(.request, as: "refresh")
        let close = bench.call(.close, as: "close")  // waits in the queue
        s.set(.request, .verdict(77))
        bench.call(.request, "other", as: "other")  // the anchor is taken out
        b.instance.release()
        bench.advance(.seconds(1000))
        #expect(close.answers.count == 1)
        #expect(bench.engine.underWay.counts.outside == 0)
        bench.engine.abort()
        let isStopped = Mutex(false)
        bench.engine.stop { isStopped.withLock { $0 = true } }
        bench.advance(.seconds(1000))
        #expect(isStopped.withLock { $0 })
        bench.forget()
    }

    @Test("a Close that passes a disabled anchor while another call is below")
    func closePastDisabledAnchor() throws {
        let s = ScriptedElement.anchor()
        s.onFault = .disable
        let b = ScriptedElement("b", hooks: [.request, .close], [.request: [.next, .held]])
        try Bench.with(.served("chain", s, b), options: options) { bench in
            bench.open()
            bench.call(.request, as: "refresh")
            s.set(.request, .verdict(77))
            bench.call(.request, "other", as: "other")
            let close = bench.call(.close, as: "close")
            b.instance.release()
            bench.advance(.seconds(100))
            #expect(close.answer?.code == CATENA_OK)
            #expect(bench.journal.lines.contains("b.close"))
        }
    }

    @Test("an undo does not call close_reply of an element that was just written off")
    func undoWrittenOff() throws {
        let a = ScriptedElement("a", hooks: [.request, .close])
        let b = ScriptedElement("b", hooks: [.request, .close, .closeReply, .cancel], [.close: [.held]])
        let d = ScriptedElement("d", hooks: [.request], [.request: [.fail()]])
        try Bench.with(.served("chain", .anchor(), a, b, d), options: options) { bench in
            bench.call(.request)
            bench.advance(.seconds(32))
            #expect(!bench.journal.lines.contains("b.close_reply ROLLBACK"))
            b.instance.release()
        }
    }

    @Test("a verdict out of range in an undo breaks the rule", arguments: [Hook.close, .closeReply])
    func undoVerdict(_ hook: Hook) throws {
        let b = ScriptedElement("b", hooks: [.request, .close, .closeReply], [hook: [.verdict(77)]])
        b.onFault = .disable
        let d = ScriptedElement("d", hooks: [.request], [.request: [.fail()]])
        try Bench.with(.served("chain", .anchor(), b, d), options: options) { bench in
            bench.call(.request)
            #expect(bench.log.lines.contains { $0.contains("77, which is no verdict") })
            #expect(bench.engine.status().chains[0].elements[1].isDisabled)
        }
    }

    @Test("no call_dropped after destroy")
    func droppedAfterDestroy() throws {
        let a = ScriptedElement("a", hooks: [.request, .requestReply, .cancel], [.requestReply: [.held]])
        let b = ScriptedElement("b", hooks: [.request, .cancel, .callDropped, .destroy], [.request: [.held]])
        b.callSlot = 8
        let bench = try Bench([.served("chain", a, b)], options: options)
        bench.call(.request, deadline: .seconds(1))
        bench.advance(.seconds(20))
        b.instance.release()
        bench.run()
        #expect(bench.engine.status().chains[0].elements.map(\.owes) == [1, 0])
        let isStopped = Mutex(false)
        bench.engine.stop { isStopped.withLock { $0 = true } }
        bench.run()
        #expect(isStopped.withLock { $0 })
        #expect(bench.journal.lines.contains("b.destroy"))
        a.instance.release()
        bench.run()
        #expect(bench.journal.lines.last != "b.call_dropped", "\(bench.journal.lines.suffix(2))")
        bench.forget()
    }

    @Test("call_dropped of one that was written off, resumed before the end, and was not reached by the next try")
    func droppedAfterAgain() throws {
        let a = ScriptedElement("a", hooks: [.request, .requestReply], [.requestReply: [.again, .next]])
        a.flags = CATENA_TYPE_AGAIN
        let b = ScriptedElement("b", hooks: [.request, .close, .cancel, .callDropped], [.close: [.held]])
        b.callSlot = 8
        let c = ScriptedElement("c", hooks: [.request], [.request: [.fail()]])
        let z = ScriptedElement("z", hooks: [.requestReply], [.requestReply: [.held]])
        try Bench.with(.served("chain", .anchor(), z, a, b, c), options: options) { bench in
            bench.call(.request)
            bench.advance(.seconds(32))  // b written off in the undo; AGAIN turned before b; z holds
            b.instance.release()
            bench.run()
            z.instance.release(.fail())
            bench.run()
            #expect(bench.journal.lines.filter { $0 == "b.call_dropped" }.count == 1, "\(bench.journal.lines)")
        }
    }

    @Test("call_dropped of one that was taken out while it waited, and then said NEXT")
    func droppedWhenDisabled() throws {
        let b = ScriptedElement("b", hooks: [.request, .close, .cancel, .callDropped], [.request: [.held, .verdict(77)]])
        b.callSlot = 8
        b.onFault = .disable
        try Bench.with(.served("chain", b), options: options) { bench in
            bench.call(.request, "one", as: "one")
            bench.call(.request, "two", as: "two")
            #expect(bench.engine.status().chains[0].elements[0].isDisabled)
            _ = bench.journal.take()
            b.instance.release()
            bench.run()
            #expect(bench.journal.take().contains("b.call_dropped"))
        }
    }

    @Test("a caller that leaves while its call moves back is heard")
    func leavesWhileMoving() throws {
        let head = ScriptedElement("head", hooks: [.requestReply, .cancel], [.requestReply: [.next, .held]])
        let b = ScriptedElement("b", hooks: [.request, .close], [.request: [.next, .held]])
        try Bench.with(.served("chain", head, .anchor(), b), loops: 2, options: options) { bench in
            bench.open(loop: 0)
            let caller = TestCaller(name: "caller", journal: bench.journal)
            let reference = bench.begin(.request, by: caller, loop: 1)
            bench.run()
            b.instance.release()  // its loop has been told, and has not run yet
            bench.loops[1].enter { reference?.callerLeft(isLate: false) }
            bench.run()
            bench.advance(.seconds(1000))
            #expect(bench.engine.underWay.counts.outside == 0)
            head.instance.release()
        }
    }

    @Test("the rollback at the next hop is sent with the connection, not with an id alone")
    func rollbackAtNextHop() throws {
        let h = ScriptedElement("h", hooks: [.request, .requestReply, .cancel], [.requestReply: [.held]])
        let g = ScriptedElement("g", hooks: [.request, .close], [.close: [.run { instance, hop in
            instance.record("g.close sees '\(TestMessage.of(hop.message)?.text(CATENA_F_CONNECTION) ?? "")'")
            return .next
        }]])
        try Bench.with(.served("chain", .anchor(), .connector()), .client("client", h, g), options: options) { bench in
            bench.call(.request, deadline: .seconds(1))
            bench.advance(.seconds(20))
            #expect(!bench.journal.lines.contains("g.close sees ''"))
            h.instance.release()
        }
    }

    @Test("a Close that goes on without one carries the connection")
    func closeGoesOn() throws {
        let a = ScriptedElement("a", hooks: [.request, .close, .cancel], [.close: [.held]])
        let g = ScriptedElement("g", hooks: [.request, .close], [.close: [.run { instance, hop in
            instance.record("g.close sees '\(TestMessage.of(hop.message)?.text(CATENA_F_CONNECTION) ?? "")'")
            return .next
        }]])
        try Bench.with(.served("chain", .anchor(), a, g), options: options) { bench in
            bench.open()
            bench.call(.close)
            bench.advance(.seconds(40))
            #expect(!bench.journal.lines.contains("g.close sees ''"))
            a.instance.release()
        }
    }

    @Test("a Close whose element above the anchor never resumes still reaches what is below")
    func closeAboveAnchor() throws {
        let head = ScriptedElement("head", hooks: [.close, .cancel], [.close: [.held]])
        let b = ScriptedElement("b", hooks: [.request, .close])
        try Bench.with(.served("chain", head, .anchor(), b), options: options) { bench in
            bench.open()
            bench.call(.close)
            bench.advance(.seconds(40))
            #expect(bench.journal.lines.contains("b.close"), "\(bench.journal.lines)")
            #expect(bench.connectionCount == 0)
            head.instance.release()
        }
    }

    @Test("an engine that stops shortens the while of one that was told before")
    func abortAfterCancel() throws {
        var options = options
        options.resumeTimeout = .seconds(5)
        let b = ScriptedElement("b", hooks: [.request, .close, .cancel], [.request: [.held]])
        try Bench.with(.served("chain", .anchor(), b), options: options) { bench in
            bench.call(.request, deadline: .seconds(1))
            bench.advance(.seconds(11.1))
            #expect(bench.journal.lines.last == "b.cancel")
            bench.engine.abort()
            bench.advance(.seconds(1.1))
            #expect(bench.engine.underWay.counts.outside == 0)
            bench.advance(.seconds(10))
            b.instance.release()
        }
    }

    @Test("the slot of an anchor that owes when the host stops is dropped when it resumes")
    func anchorSlotAtStop() throws {
        let s = ScriptedElement.anchor()
        s.set(.request, .next, .held)
        let bench = try Bench([.served("chain", s)], options: options)
        let dropped = Mutex(0)
        s.slotDropped = { _ in dropped.withLock { $0 += 1 } }
        bench.open()
        let caller = TestCaller(name: "caller", journal: bench.journal)
        let reference = bench.begin(.request, by: caller)
        bench.run()
        reference?.callerLeft(isLate: false)
        bench.advance(.seconds(20))
        let isStopped = Mutex(false)
        bench.engine.stop { isStopped.withLock { $0 = true } }
        bench.run()
        #expect(isStopped.withLock { $0 })
        s.instance.release()
        bench.run()
        #expect(bench.engine.slotCount.load(ordering: .relaxed) == 0)
        #expect(dropped.withLock { $0 } == 1)
        bench.forget()
    }
}
