// SPDX-License-Identifier: Apache-2.0

import CatenaABI
import Testing

@testable import CatenaChain

@Suite("Faults of elements")
struct FaultTests {
    /// What an element may do wrong, with the error that the call ends with.
    struct Wrong: CustomTestStringConvertible, Sendable {
        let name: String
        let hook: Hook
        let act: Act
        let told: String
        var testDescription: String { name }

        static let all = [
            Wrong(
                name: "no such verdict", hook: .request, act: .verdict(77),
                told: "chain/b: the element answered request with 77, which is no verdict"),
            Wrong(
                name: "AGAIN on the way in", hook: .request, act: .again,
                told: "chain/b: the element answered request with AGAIN, which is for request_reply of an AGAIN type, on an error"),
            Wrong(
                name: "no such verdict, given later", hook: .request, act: .later(.verdict(5)),
                told: "chain/b: the element answered request with 5, which is no verdict"),
            Wrong(
                name: "PENDING as an answer", hook: .request, act: .later(.verdict(CATENA_PENDING)),
                told: "chain/b: the element answered request with 3, which is no verdict"),
            Wrong(
                name: "no such verdict on the way out", hook: .requestReply, act: .verdict(9),
                told: "chain/b: the element answered request_reply with 9, which is no verdict"),
        ]
    }

    private func chain(_ wrong: Wrong, _ policy: FaultPolicy) -> (TestChain, ScriptedElement) {
        let b = ScriptedElement("b", hooks: [.request, .requestReply, .close, .connDropped], [wrong.hook: [wrong.act, .next]])
        b.onFault = policy
        b.connSlot = 8
        return (.served("chain", .anchor(), ScriptedElement("a", hooks: [.request, .close]), b), b)
    }

    @Test("onFault fail: that call fails with INTERNAL, and the element goes on being used", arguments: Wrong.all)
    func fail(wrong: Wrong) throws {
        let (chain, _) = chain(wrong, .fail)
        try Bench.with(chain) { bench in
            let first = bench.call(.request)
            #expect(first.answer == .init(code: CATENA_INTERNAL, description: wrong.told, connection: ""))
            #expect(bench.call(.request).answer?.code == CATENA_OK)
            let element = bench.engine.status().chains[0].elements[2]
            #expect(element.faults == 1 && !element.isDisabled)
        }
    }

    @Test("onFault disable: later Requests fail and name it, Closes pass it by, its slots are dropped", arguments: Wrong.all)
    func disable(wrong: Wrong) throws {
        let (chain, b) = chain(wrong, .disable)
        b.set(wrong.hook, .next, wrong.act, .next)
        try Bench.with(chain) { bench in
            bench.open()
            #expect(bench.call(.request, "other").answer?.code == CATENA_INTERNAL)
            _ = bench.journal.take()
            let refused = bench.call(.request)
            #expect(refused.answer?.code == CATENA_UNAVAILABLE)
            #expect(refused.answer?.description.hasPrefix("chain/b: the element is out of use since it broke a rule (it answered ") == true)
            #expect(bench.journal.take() == ["s.request", "a.request", "s.request_reply UNAVAILABLE", "caller UNAVAILABLE"])
            bench.call(.close)
            #expect(bench.journal.take() == ["s.close", "a.close", "s.close_reply", "b.conn_dropped CALLER", "caller OK"])
            let element = bench.engine.status().chains[0].elements[2]
            #expect(element.faults == 1 && element.isDisabled && element.failures == 2)
        }
    }

    @Test("an element that resumed twice or never is taken out as well")
    func disableByResume() throws {
        let b = ScriptedElement("b", hooks: [.request], [.request: [.held]])
        b.onFault = .disable
        try Bench.with(.served("chain", b)) { bench in
            bench.call(.request)
            let ticket = b.instance.held[0]
            b.instance.release()
            b.instance.resume(ticket, .next)
            bench.run()
            #expect(bench.call(.request).answer?.code == CATENA_UNAVAILABLE)
        }
        let c = ScriptedElement("c", hooks: [.request], [.request: [.held]])
        c.onFault = .disable
        try Bench.with(.served("chain", c)) { bench in
            bench.call(.request, deadline: .seconds(1))
            bench.advance(.seconds(10))
            #expect(bench.call(.request).answer?.code == CATENA_UNAVAILABLE)
            c.instance.release()
        }
    }

    @Test("a call that has entered the element when it is taken out fails on its way out")
    func alreadyInside() throws {
        let b = ScriptedElement("b", hooks: [.request, .requestReply], [.request: [.next, .verdict(77)]])
        b.onFault = .disable
        let c = ScriptedElement("c", hooks: [.request], [.request: [.held, .next]])
        try Bench.with(.served("chain", b, c)) { bench in
            let inside = bench.call(.request, as: "inside")
            bench.call(.request, as: "wrong")
            c.instance.release()
            bench.run()
            #expect(inside.answer?.code == CATENA_UNAVAILABLE)
            #expect(!bench.journal.lines.contains("b.request_reply"))
        }
    }

    @Test("an element without a hook for the way in is not passed silently either")
    func replyOnly() throws {
        let b = ScriptedElement("b", hooks: [.requestReply], [.requestReply: [.verdict(77)]])
        b.onFault = .disable
        let c = ScriptedElement("c", hooks: [.request])
        try Bench.with(.served("chain", b, c)) { bench in
            bench.call(.request)
            _ = bench.journal.take()
            #expect(bench.call(.request).answer?.code == CATENA_UNAVAILABLE)
            #expect(bench.journal.take() == ["caller UNAVAILABLE"])
        }
    }

    @Test("an element that is taken out is not asked to undo")
    func undo() throws {
        let b = ScriptedElement("b", hooks: [.request, .close], [.request: [.next, .verdict(77)]])
        b.onFault = .disable
        let c = ScriptedElement("c", hooks: [.request], [.request: [.held]])
        let a = ScriptedElement("a", hooks: [.request, .close])
        try Bench.with(.served("chain", .anchor(), a, b, c)) { bench in
            bench.call(.request, "one")
            bench.call(.request, "two")
            _ = bench.journal.take()
            c.instance.release(.fail())
            bench.run()
            #expect(bench.journal.take() == ["a.close ROLLBACK", "s.request_reply UNAVAILABLE", "caller UNAVAILABLE"])
        }
    }

    @Test("what an element does with every call is told sixteen times, and then at powers of two")
    func floods() throws {
        let b = ScriptedElement("b", hooks: [.request], [.request: [.verdict(77)]])
        try Bench.with(.served("chain", b)) { bench in
            for _ in 0..<100 { bench.call(.request) }
            #expect(bench.log.lines.count == 18)
            #expect(bench.log.lines.last?.hasSuffix("times=64") == true)
            #expect(bench.engine.status().chains[0].elements[0].faults == 100)
        }
    }
}
