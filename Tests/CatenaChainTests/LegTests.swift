// SPDX-License-Identifier: Apache-2.0
// The law of legs: a call through a client chain is a call like any other, with the next hop below its last element.

import CatenaABI
import Testing

@testable import CatenaChain

@Suite("Legs")
struct LegTests {
    private static func chains(_ client: ScriptedElement...) -> [TestChain] {
        [.served("chain", .anchor(), .connector()), TestChain(name: "client", isServed: false, elements: client)]
    }

    private static func with(_ chains: [TestChain], _ body: (Bench) throws -> Void) throws {
        let bench = try Bench(chains)
        try body(bench)
        bench.end(#_sourceLocation)
    }

    /// The served chain's own lines are not of interest here.
    private static func below(_ bench: Bench) -> [String] {
        bench.journal.take().filter { !$0.hasPrefix("s.") && !$0.hasPrefix("c.") && !$0.hasPrefix("caller") }
    }

    @Test("hooks of the client chain run around the call to the next hop", arguments: [Reply.yes(), .later(.yes()), .thread(.yes())])
    func around(reply: Reply) throws {
        try Self.with(Self.chains(ScriptedElement("g"), ScriptedElement("h"))) { bench in
            bench.transports.set(.request, reply)
            bench.transports.set(.close, reply)
            #expect(bench.call(.request).answer == .init(code: CATENA_OK, description: "", connection: "from next hop"))
            #expect(
                bench.journal.take() == [
                    "s.request", "c.request PENDING", "g.request", "h.request", "next.request", "h.request_reply", "g.request_reply",
                    "s.request_reply", "caller OK",
                ])
            #expect(bench.call(.close).answer?.code == CATENA_OK)
            #expect(
                bench.journal.take() == [
                    "s.close", "c.close PENDING", "g.close", "h.close", "next.close", "h.close_reply", "g.close_reply", "next closed",
                    "s.close_reply", "caller OK",
                ])
        }
    }

    @Test("a yes that comes on the connection's own loop is heard at once, a no in a turn of its own")
    func answersOnLoop() throws {
        try Self.with(Self.chains()) { bench in
            bench.transports.set(.request, .held)
            let first = bench.call(.request)
            let transport = try #require(bench.transports.made.last)
            bench.loops[0].enter { transport.release(.yes()) }
            #expect(first.answer?.code == CATENA_OK && bench.loops[0].jobCount == 0)

            let second = bench.call(.request)
            bench.loops[0].enter { transport.release(.no()) }
            #expect(second.answer == nil && bench.loops[0].jobCount == 1)
            bench.run()
            #expect(second.answer?.code == CATENA_UNAVAILABLE)
        }
    }

    @Test("what is posted for a loop wakes it once, and runs in order")
    func posts() throws {
        try Self.with(Self.chains()) { bench in
            let home = bench.engine.homes[0]
            let journal = bench.journal
            for text in ["one", "two", "three"] { home.post { journal.record(text) } }
            #expect(bench.loops[0].jobCount == 1)
            home.post { home.post { journal.record("five") } }
            home.post { journal.record("four") }
            bench.run()
            #expect(journal.take() == ["one", "two", "three", "four", "five"])
        }
    }

    @Test("a client chain may be empty")
    func empty() throws {
        try Self.with(Self.chains()) { bench in
            #expect(bench.call(.request).answer?.connection == "from next hop")
        }
    }

    @Test("each element of it sees a first Request, then a refresh, then a Close of what is open, on slots of its own")
    func flags() throws {
        let show: Act = .run { instance, hop in
            #expect(hop.leg != 0 && hop.conn != 0)
            let slot = hop.conn_slot.assumingMemoryBound(to: UInt64.self)
            instance.record("\(hop.flags) \(slot.pointee)")
            slot.pointee += 1
            return .next
        }
        let h = ScriptedElement("h", hooks: [.connDropped], [.request: [show], .close: [show]])
        h.connSlot = 8
        try Self.with(Self.chains(h)) { bench in
            bench.call(.request)
            bench.call(.request)
            bench.call(.close)
            #expect(
                Self.below(bench).filter { !$0.hasPrefix("next.") } == [
                    "\(CATENA_HOP_FIRST) 0", "h.request", "0 1", "h.request", "\(CATENA_HOP_KNOWN) 2", "h.close", "h.conn_dropped CALLER",
                    "next closed",
                ])
        }
    }

    @Test("a definite failure of a first Request is undone in the client chain before its user hears of it")
    func failure() throws {
        try Self.with(Self.chains(ScriptedElement("g"), ScriptedElement("h"))) { bench in
            bench.transports.set(.request, .no())
            let caller = bench.call(.request)
            #expect(caller.causes == ["UNAVAILABLE chain/c: next hop is down"])
            #expect(
                Self.below(bench) == [
                    "g.request", "h.request", "next.request", "h.request_reply UNAVAILABLE", "h.close ROLLBACK", "h.close_reply ROLLBACK",
                    "g.request_reply UNAVAILABLE", "g.close ROLLBACK", "g.close_reply ROLLBACK", "next closed",
                ])
        }
    }

    @Test("an error of the next hop keeps its code and the name of the element there that began it", arguments: [
        ("endpoint/x: full", "endpoint/x: full"), ("forwarder/connect/heal: tcp://x: gone", "forwarder/connect/heal: tcp://x: gone"),
        ("full", "chain/c: full"), ("rpc error: a/b: full", "chain/c: rpc error: a/b: full"), ("tcp://x: full", "chain/c: tcp://x: full"),
    ])
    func remote(text: String, told: String) throws {
        try Self.with(Self.chains()) { bench in
            bench.transports.set(.request, .no(CATENA_RESOURCE_EXHAUSTED, text, isRemote: true))
            #expect(bench.call(.request).answer == .init(code: CATENA_RESOURCE_EXHAUSTED, description: told, connection: ""))
        }
    }

    @Test("when the next hop says yes and a reply hook then fails, the next hop is sent a Close and waited for")
    func failureAfterSuccess() throws {
        try Self.with(Self.chains(ScriptedElement("g"), ScriptedElement("h", [.requestReply: [.fail()]]))) { bench in
            bench.transports.set(.close, .held)
            let caller = bench.call(.request)
            #expect(Self.below(bench) == ["g.request", "h.request", "next.request", "h.request_reply FAIL", "next.close"])
            #expect(caller.answers.isEmpty)
            bench.transports.made[0].release()
            bench.run()
            #expect(
                Self.below(bench) == [
                    "h.close ROLLBACK", "h.close_reply ROLLBACK", "g.request_reply UNAVAILABLE", "g.close ROLLBACK", "g.close_reply ROLLBACK",
                    "next closed",
                ])
            #expect(caller.answer?.code == CATENA_UNAVAILABLE)
        }
    }

    @Test("the Close of an undo has closeTimeout, whatever became of the Request's time")
    func undoTime() throws {
        try Self.with(Self.chains(ScriptedElement("h", hooks: [.request], [.requestReply: [.fail()]]))) { bench in
            bench.transports.set(.close, .held)
            bench.call(.request, deadline: .seconds(1))
            bench.advance(.seconds(29))
            #expect(!bench.journal.lines.contains("next cancelled"))
            bench.advance(.seconds(2))
            #expect(bench.journal.lines.contains("next cancelled"))
        }
    }

    @Test("an answer that was not seen sends the next hop a Close, best effort")
    func indefinite() throws {
        try Self.with(Self.chains(ScriptedElement("h", hooks: [.request, .close]))) { bench in
            bench.transports.set(.request, .no(CATENA_UNAVAILABLE, "lost", isIndefinite: true))
            bench.transports.set(.close, .no(CATENA_UNAVAILABLE, "still lost"))
            let caller = bench.call(.request)
            #expect(Self.below(bench) == ["h.request", "next.request", "next.close", "h.close ROLLBACK", "next closed"])
            #expect(caller.error?.isIndefinite == true)
        }
    }

    @Test("a refresh whose answer was not seen sends no Close")
    func indefiniteRefresh() throws {
        try Self.with(Self.chains()) { bench in
            bench.open()
            bench.transports.set(.request, .no(CATENA_UNAVAILABLE, "lost", isIndefinite: true), .yes())
            bench.call(.request)
            #expect(Self.below(bench) == ["next.request"])
        }
    }

    /// An element whose hooks only open a leg; the test calls it.
    private static func opener() -> ScriptedElement {
        let element = ScriptedElement("o", hooks: [.connDropped], [.request: [.run { instance, hop in
            let slot = hop.conn_slot.assumingMemoryBound(to: catena_leg.self)
            if slot.pointee == 0 { slot.pointee = instance.chains.open(instance.host, hop.conn, 0, Connector.acquire(instance, "tcp://next")) }
            return .next
        }]])
        element.connSlot = 16
        element.uses = ["client"]
        return element
    }

    private static func send(_ bench: Bench, _ instance: ScriptedInstance, _ leg: catena_leg, _ verb: Verb = .request) -> catena_op {
        Connector.begin(instance, verb, leg, message: bench.bank.make(id: "id"), Unmanaged.passUnretained(instance).toOpaque()) { argument, _, error, _ in
            ScriptedInstance.of(argument)?.record("done \(error.map { Name.of(status: $0.pointee.code) } ?? "OK")")
        }
    }

    private static func withLeg(_ client: ScriptedElement..., body: (Bench, ScriptedInstance, catena_leg) throws -> Void) throws {
        let opener = opener()
        let bench = try Bench([.served("chain", .anchor(), opener), TestChain(name: "client", isServed: false, elements: client)])
        bench.open()
        let connection = try #require(bench.engine.served[0].connections.all().first)
        let leg = try #require(connection.legs.first).number
        try body(bench, opener.instance, leg)
        bench.end(#_sourceLocation)
    }

    @Test("a leg's calls run one after another, each with what is known when its turn comes")
    func queue() throws {
        let show: Act = .run { instance, hop in
            instance.record("h \(hop.flags)")
            return .next
        }
        try Self.withLeg(ScriptedElement("h", hooks: [], [.request: [show], .close: [show]])) { bench, instance, leg in
            bench.transports.set(.request, .held)
            bench.loops[0].enter {
                for verb in [Verb.request, .request, .close] { #expect(Self.send(bench, instance, leg, verb) != 0) }
                instance.record("sent")
            }
            bench.run()
            let event = CATENA_HOP_EVENT
            #expect(bench.journal.take() == ["sent", "h \(event | CATENA_HOP_FIRST)", "h.request", "next.request"])
            bench.transports.made[0].release()
            bench.run()
            #expect(bench.journal.take() == ["done OK", "h \(event)", "h.request", "next.request"])
            bench.transports.made[0].release()
            bench.run()
            #expect(bench.journal.take() == ["done OK", "h \(event | CATENA_HOP_KNOWN)", "h.close", "next.close", "done OK"])
        }
    }

    @Test("drop waits for the last call; then slots and the transport go, once")
    func drop() throws {
        let h = ScriptedElement("h", hooks: [.connDropped])
        h.connSlot = 8
        try Self.withLeg(h) { bench, instance, leg in
            bench.transports.set(.request, .held)
            bench.loops[0].enter {
                _ = Self.send(bench, instance, leg)
                _ = Self.send(bench, instance, leg)
                #expect(instance.chains.drop(instance.host, leg, CATENA_MOVED_URL) == CATENA_OK)
                #expect(instance.chains.drop(instance.host, leg, CATENA_MOVED_URL) == CATENA_GONE)
                #expect(Self.send(bench, instance, leg) == 0)
            }
            bench.run()
            bench.transports.made[0].release()
            bench.run()
            #expect(bench.journal.take() == ["next.request", "done OK", "next.request"])
            bench.transports.made[0].release()
            bench.run()
            #expect(bench.journal.take() == ["done OK", "h.conn_dropped MOVED_URL", "next closed"])
            bench.loops[0].enter { #expect(instance.chains.transport(instance.host, leg) == 0) }
        }
    }

    @Test("a timer that names a leg is withdrawn with it")
    func timer() throws {
        try Self.withLeg(ScriptedElement("h")) { bench, instance, leg in
            let conn = bench.engine.served[0].connections.all()[0].number
            bench.loops[0].enter {
                _ = instance.timers.at(instance.host, conn, leg, bench.clock.now + 5, { _, _ in Issue.record("fired") }, nil)
                _ = instance.chains.drop(instance.host, leg, CATENA_MOVED_URL)
            }
            bench.advance(.seconds(1))
            #expect(bench.engine.operations.count == 0)
        }
    }

    @Test("rebind keeps the slots and the connection, and later calls go over the other transport")
    func rebind() throws {
        let h = ScriptedElement("h", hooks: [], [.request: [.run { _, hop in
            let slot = hop.conn_slot.assumingMemoryBound(to: UInt64.self)
            slot.pointee += 1
            #expect(hop.flags & CATENA_HOP_FIRST == (slot.pointee == 1 ? CATENA_HOP_FIRST : 0))
            return .next
        }]])
        h.connSlot = 8
        try Self.withLeg(h) { bench, instance, leg in
            bench.loops[0].enter { _ = Self.send(bench, instance, leg) }
            bench.run()
            bench.loops[0].enter {
                let other = Connector.acquire(instance, "tcp://other")
                #expect(instance.chains.rebind(instance.host, leg, other) == CATENA_OK)
                #expect(instance.chains.transport(instance.host, leg) == other)
                #expect(instance.chains.rebind(instance.host, leg, other) == CATENA_MISUSE)
                #expect(instance.clients.release(instance.host, other) == CATENA_GONE)
                _ = Self.send(bench, instance, leg)
            }
            bench.run()
            #expect(bench.journal.take() == ["h.request", "next.request", "done OK", "next closed", "h.request", "other.request", "done OK"])
        }
    }

    @Test("a transport that is replaced under a running call is let go when that call has ended")
    func rebindUnderWay() throws {
        try Self.withLeg(ScriptedElement("h", hooks: [])) { bench, instance, leg in
            bench.transports.set(.request, .held, .yes())
            bench.loops[0].enter { _ = Self.send(bench, instance, leg) }
            bench.run()
            bench.loops[0].enter { #expect(instance.chains.rebind(instance.host, leg, Connector.acquire(instance, "tcp://other")) == CATENA_OK) }
            bench.run()
            #expect(bench.journal.take() == ["next.request"])
            bench.transports.made[0].release()
            bench.run()
            #expect(bench.journal.take() == ["done OK", "next closed"])
        }
    }

    @Test("a Close over a leg goes on when its connection ends meanwhile; a Request does not")
    func closeGoesOn() throws {
        for (verb, rest) in [(Verb.close, ["done CANCELLED", "o.conn_dropped CALLER"]), (.request, ["done CANCELLED", "next cancelled", "o.conn_dropped CALLER", "next.close"])] {
            try Self.withLeg(ScriptedElement("h", hooks: [])) { bench, instance, leg in
                bench.transports.set(verb, .held)
                bench.loops[0].enter { _ = Self.send(bench, instance, leg, verb) }
                bench.run()
                _ = bench.journal.take()
                bench.transports.set(.close, .yes())
                bench.call(.close)
                #expect(bench.journal.take().filter { !$0.hasPrefix("s.") && !$0.hasPrefix("caller") && $0 != "next closed" } == rest, "\(verb)")
                if verb == .close { bench.transports.made[0].release() }
                bench.run()
                #expect(bench.engine.status().holdings.legs == 0)
            }
        }
    }

    @Test("a leg that is gone gets no timer, and a hook that is over no client call")
    func tooLate() throws {
        try Self.withLeg(ScriptedElement("h", hooks: [])) { bench, instance, leg in
            let conn = bench.engine.served[0].connections.all()[0].number
            bench.loops[0].enter {
                let over = instance.tickets[0]
                #expect(Connector.begin(instance, .request, leg, message: bench.bank.make(id: "id"), parent: over, nil) { _, _, _, _ in Issue.record("done") } == 0)
                _ = instance.chains.drop(instance.host, leg, CATENA_MOVED_URL)
            }
            bench.loops[0].enter {
                _ = instance.timers.at(instance.host, conn, leg, bench.clock.now + 5, { _, _ in Issue.record("fired") }, nil)
            }
            bench.advance(.seconds(1))
            #expect(bench.engine.operations.count == 0)
            #expect(bench.log.lines.contains { $0.contains("rule=began a client call for a hook that is over, or not its own") })
        }
    }

    @Test("cancel reaches the next hop, and done still comes; a call that waits for its turn ends without it")
    func cancel() throws {
        try Self.withLeg { bench, instance, leg in
            bench.transports.set(.request, .held)
            var operations: [catena_op] = []
            bench.loops[0].enter { operations = [Self.send(bench, instance, leg), Self.send(bench, instance, leg)] }
            bench.run()
            for operation in operations.reversed() { #expect(instance.connections.cancel(instance.host, operation) == CATENA_OK) }
            bench.run()
            #expect(bench.journal.take() == ["next.request", "next cancelled", "next.close", "done CANCELLED", "done CANCELLED"])
            #expect(instance.connections.cancel(instance.host, operations[0]) == CATENA_GONE)
        }
    }

    @Test("a hook that is not waited for any more cancels the client calls it began")
    func parent() throws {
        try Self.with(Self.chains()) { bench in
            bench.transports.set(.request, .held)
            let caller = bench.call(.request, deadline: .seconds(1))
            bench.advance(.seconds(17))
            #expect(
                bench.journal.take() == [
                    "s.request", "c.request PENDING", "next.request", "caller DEADLINE_EXCEEDED", "next cancelled", "next.close", "next closed",
                    "s.request_reply DEADLINE_EXCEEDED",
                ])
            #expect(caller.answers.count == 1)
        }
    }

    @Test("a connection that ends while a leg's first Request is at the next hop leaves nothing there")
    func endsMeanwhile() throws {
        try Self.withLeg { bench, instance, leg in
            bench.transports.set(.request, .later(.yes()))
            bench.loops[0].enter { _ = Self.send(bench, instance, leg) }
            while bench.loops[0].runOne() {}
            let caller = TestCaller(name: "caller", journal: bench.journal)
            bench.begin(.close, by: caller)
            bench.run()
            #expect(
                bench.journal.take() == [
                    "next.request", "s.close", "s.close_reply", "done CANCELLED", "next cancelled", "o.conn_dropped CALLER",
                    "caller OK", "next.close", "next closed",
                ])
        }
    }

    @Test("a transport is shared by URL, closed with its last reference, and not by a number used twice")
    func sharing() throws {
        let a = ScriptedElement("a")
        try Bench.with(.served("chain", a)) { bench in
            let instance = a.instance
            var options = catena_transport_options()
            options.struct_size = UInt32(MemoryLayout<catena_transport_options>.size)
            options.dial_timeout_ns = 7
            let acquire = { (url: String) -> catena_transport in
                var number: catena_transport = 0
                _ = catena_str.with(url) { instance.clients.acquire(instance.host, $0, &options, &number) }
                return number
            }
            let numbers = [acquire("tcp://x"), acquire("tcp://x")]
            #expect(numbers[0] != numbers[1])
            #expect(bench.transports.made.count == 1)
            #expect(bench.transports.made[0].options.dialTimeout == 7)
            #expect(bench.engine.status().transports == [.init(url: "tcp://x", state: "ready", references: 2)])
            #expect(acquire("http://x") == 0)

            #expect(instance.clients.retire(instance.host, numbers[0]) == CATENA_OK)
            #expect(instance.clients.state(instance.host, numbers[1]) == CATENA_TRANSPORT_RETIRED)
            let fresh = acquire("tcp://x")
            #expect(instance.clients.state(instance.host, fresh) == CATENA_TRANSPORT_READY)
            options.exclusive = 1
            let own = acquire("tcp://x")
            #expect(bench.transports.made.count == 3)

            #expect(instance.clients.release(instance.host, numbers[0]) == CATENA_OK)
            #expect(instance.clients.release(instance.host, numbers[0]) == CATENA_GONE)
            #expect(bench.journal.lines == [])
            for number in [numbers[1], fresh, own] { #expect(instance.clients.release(instance.host, number) == CATENA_OK) }
            #expect(bench.journal.lines == ["x closed", "x closed", "x closed"])
            #expect(instance.clients.retire(instance.host, own) == CATENA_GONE)
        }
    }
}
