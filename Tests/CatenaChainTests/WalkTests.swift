// SPDX-License-Identifier: Apache-2.0
// The law of a chain without an anchor: which hooks run, in which order, for every verdict at every position.

import CatenaABI
import Testing

@testable import CatenaChain

@Suite("A call along a chain")
struct WalkTests {
    private static func chain(_ a: ScriptedElement, _ b: ScriptedElement, _ c: ScriptedElement) -> TestChain { .served("chain", a, b, c) }

    @Test("goes in from head to tail and out from tail to head")
    func order() throws {
        try Bench.with(Self.chain(ScriptedElement("a"), ScriptedElement("b"), ScriptedElement("c"))) { bench in
            #expect(bench.call(.request).answer == .init(code: CATENA_OK, description: "", connection: "new"))
            #expect(
                bench.journal.take() == [
                    "a.request", "b.request", "c.request", "c.request_reply", "b.request_reply", "a.request_reply", "caller OK",
                ])
            bench.call(.close)
            #expect(
                bench.journal.take() == [
                    "a.close", "b.close", "c.close", "c.close_reply", "b.close_reply", "a.close_reply", "caller OK",
                ])
        }
    }

    @Test("skips hooks that are absent")
    func absent() throws {
        let a = ScriptedElement("a", hooks: [.requestReply])
        let b = ScriptedElement("b", hooks: [.close])
        let c = ScriptedElement("c", hooks: [.request, .closeReply])
        try Bench.with(Self.chain(a, b, c)) { bench in
            bench.call(.request)
            bench.call(.close)
            #expect(bench.journal.lines == ["c.request", "a.request_reply", "caller OK", "b.close", "c.close_reply", "caller OK"])
        }
    }

    private static func requests(_ name: String, _ scripts: [Hook: [Act]] = [:]) -> ScriptedElement {
        ScriptedElement(name, hooks: [.request, .requestReply], scripts)
    }

    @Test("turns round where an element says DONE, whose own reply hook is not called", arguments: [
        ("a", ["a.request DONE"]),
        ("b", ["a.request", "b.request DONE", "a.request_reply"]),
        ("c", ["a.request", "b.request", "c.request DONE", "b.request_reply", "a.request_reply"]),
    ])
    func done(at name: String, expected: [String]) throws {
        let elements = ["a", "b", "c"].map { Self.requests($0, $0 == name ? [.request: [.done]] : [:]) }
        try Bench.with(Self.chain(elements[0], elements[1], elements[2])) { bench in
            #expect(bench.call(.request).answer?.code == CATENA_OK)
            #expect(bench.journal.lines == expected + ["caller OK"])
        }
    }

    @Test("turns round with the error where an element says FAIL", arguments: [
        ("a", ["a.request FAIL"]),
        ("b", ["a.request", "b.request FAIL", "a.request_reply UNAVAILABLE"]),
        ("c", ["a.request", "b.request", "c.request FAIL", "b.request_reply UNAVAILABLE", "a.request_reply UNAVAILABLE"]),
    ])
    func fail(at name: String, expected: [String]) throws {
        let elements = ["a", "b", "c"].map { Self.requests($0, $0 == name ? [.request: [.fail()]] : [:]) }
        try Bench.with(Self.chain(elements[0], elements[1], elements[2])) { bench in
            #expect(bench.call(.request).answer == .init(code: CATENA_UNAVAILABLE, description: "chain/\(name): broken", connection: ""))
            #expect(bench.journal.lines == expected + ["caller UNAVAILABLE"])
        }
    }

    @Test("FAIL in a reply replaces the error, which becomes its cause")
    func failInReply() throws {
        let a = Self.requests("a", [.requestReply: [.fail(CATENA_ABORTED, "gave up")]])
        let b = Self.requests("b", [.request: [.fail(CATENA_UNAVAILABLE, "no route")]])
        try Bench.with(.served("chain", a, b)) { bench in
            let caller = bench.call(.request)
            #expect(caller.causes == ["ABORTED chain/a: gave up", "UNAVAILABLE chain/b: no route"])
        }
    }

    @Test("FAIL in a reply turns a success into an error")
    func failAfterSuccess() throws {
        try Bench.with(.served("chain", Self.requests("a"), Self.requests("b", [.requestReply: [.fail()]]))) { bench in
            bench.call(.request)
            #expect(
                bench.journal.lines == [
                    "a.request", "b.request", "b.request_reply FAIL", "a.request_reply UNAVAILABLE", "caller UNAVAILABLE",
                ])
        }
    }

    @Test("DONE in a reply makes it a success")
    func doneInReply() throws {
        let b = Self.requests("b", [.requestReply: [.done]])
        try Bench.with(Self.chain(Self.requests("a"), b, Self.requests("c", [.request: [.fail()]]))) { bench in
            #expect(bench.call(.request).answer?.code == CATENA_OK)
            #expect(
                bench.journal.lines == [
                    "a.request", "b.request", "c.request FAIL", "b.request_reply UNAVAILABLE DONE", "a.request_reply", "caller OK",
                ])
        }
    }

    @Test("FAIL without a reason is UNKNOWN and names the element; a reason given by one that did not fail is not taken for it")
    func failSilently() throws {
        let a = Self.requests("a", [.request: [.run { instance, hop in
            ScriptedInstance.withError(CATENA_ABORTED, "not used") { instance.host.pointee.set_error(instance.host, hop.call, $0) }
            return .next
        }]])
        try Bench.with(.served("chain", a, Self.requests("b", [.request: [.failSilently]]))) { bench in
            #expect(bench.call(.request).answer?.description == "chain/b: failed without saying why")
            #expect(bench.call(.request).answer?.code == CATENA_UNKNOWN)
        }
    }

    @Test("a verdict that is none fails the Request with INTERNAL and names the element", arguments: [
        (Hook.request, CATENA_AGAIN), (.request, 7), (.requestReply, CATENA_AGAIN), (.requestReply, 4_000_000_000),
    ])
    func noVerdict(hook: Hook, verdict: catena_verdict) throws {
        let b = Self.requests("b", [hook: [.verdict(verdict)]])
        try Bench.with(Self.chain(Self.requests("a"), b, Self.requests("c"))) { bench in
            let answer = bench.call(.request).answer
            #expect(answer?.code == CATENA_INTERNAL)
            #expect(answer?.description.hasPrefix("chain/b: the element answered \(hook.rawValue) with \(verdict == CATENA_AGAIN ? "AGAIN" : "\(verdict)"), which is ") == true)
            #expect(bench.log.lines.contains { $0.hasPrefix("error chain/b: element misbehaves") })
        }
    }

    @Test("AGAIN on a success is no verdict, even of a type that may say it")
    func againOnSuccess() throws {
        let a = Self.requests("a", [.requestReply: [.again]])
        a.flags = CATENA_TYPE_AGAIN
        try Bench.with(.served("chain", a, Self.requests("b"))) { bench in
            #expect(bench.call(.request).answer?.code == CATENA_INTERNAL)
        }
    }

    @Test("an element is given zeroed call slots and values, each call anew, aligned to 16")
    func slots() throws {
        let a = ScriptedElement("a", hooks: [.request, .requestReply], [.request: [.run { _, hop in
            let slot = hop.call_slot.assumingMemoryBound(to: UInt64.self)
            #expect(slot.pointee == 0 && UInt(bitPattern: slot) % 16 == 0)
            #expect(hop.conn_slot == nil && hop.conn == 0 && hop.flags == CATENA_HOP_FIRST && hop.attempt == 1)
            slot.pointee = 7
            return .next
        }], .requestReply: [.run { _, hop in
            #expect(hop.call_slot.assumingMemoryBound(to: UInt64.self).pointee == 7)
            return .next
        }]])
        a.callSlot = 24
        try Bench.with(.served("chain", a)) { bench in
            bench.call(.request)
            bench.call(.request)
        }
    }

    @Test("call_dropped comes once for every slot a hook has seen, deepest first, and for no other")
    func callDropped() throws {
        let elements = ["a", "b", "c", "d"].map { ScriptedElement($0, hooks: [.request, .callDropped]) }
        let closing = ScriptedElement("closing", hooks: [.close, .callDropped])
        for element in elements + [closing] { element.callSlot = 8 }
        elements[2].set(.request, .done)
        try Bench.with(.served("chain", elements[0], closing, elements[1], elements[2], elements[3])) { bench in
            bench.call(.request)
            #expect(
                bench.journal.take() == [
                    "a.request", "b.request", "c.request DONE", "caller OK", "c.call_dropped", "b.call_dropped", "a.call_dropped",
                ])
            bench.call(.close)
            #expect(bench.journal.take() == ["closing.close", "caller OK", "closing.call_dropped"])
        }
    }

    @Test("memory from alloc is zeroed and bounded by 1 MiB a call")
    func alloc() throws {
        let a = ScriptedElement("a", hooks: [], [.request: [.run { instance, hop in
            let first = instance.host.pointee.alloc(instance.host, hop.call, 1 << 19)
            #expect(first?.load(as: UInt64.self) == 0)
            #expect(instance.host.pointee.alloc(instance.host, hop.call, 1 << 19) != nil)
            #expect(instance.host.pointee.alloc(instance.host, hop.call, 1) == nil)
            #expect(instance.host.pointee.alloc(instance.host, hop.call &+ 1, 1) == nil)
            return .next
        }]])
        try Bench.with(.served("chain", a)) { bench in
            bench.call(.request)
            bench.call(.request)
        }
    }

    @Test("an empty served chain answers with the message as it came")
    func empty() throws {
        try Bench.with(TestChain(name: "chain", isServed: true, elements: [])) { bench in
            #expect(bench.call(.request, connection: "same").answer?.connection == "same")
            #expect(bench.call(.close).answer?.code == CATENA_OK)
        }
    }

    @Test("status counts calls, failures and calls of each element")
    func counters() throws {
        let a = Self.requests("a", [.request: [.next, .fail()]])
        try Bench.with(.served("chain", a, Self.requests("b"))) { bench in
            bench.call(.request)
            bench.call(.request)
            bench.call(.close)
            let chain = bench.engine.status().chains[0]
            #expect(chain.requests == .init(ok: 1, failed: 1))
            #expect(chain.closes == .init(ok: 1, failed: 0))
            #expect(chain.elements.map(\.requests) == [2, 1])
            #expect(chain.elements.map(\.closes) == [0, 0])
            #expect(chain.elements.map(\.failures) == [1, 0])
            #expect(bench.engine.status().holdings.calls == 0)
        }
    }
}
