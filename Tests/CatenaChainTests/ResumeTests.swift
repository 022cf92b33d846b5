// SPDX-License-Identifier: Apache-2.0
// The law of PENDING: exactly one answer counts, whenever and from wherever it comes; every other one moves nothing.

import CatenaABI
import Testing

@testable import CatenaChain

@Suite("Resume")
struct ResumeTests {
    enum When: CaseIterable, CustomTestStringConvertible {
        case before, later, thread

        func act(_ answer: Act) -> Act {
            switch self {
            case .before: .before(answer)
            case .later: .later(answer)
            case .thread: .thread(answer)
            }
        }

        var testDescription: String { "\(self)" }
    }

    @Test("every hook may be PENDING, and goes on with the answer", arguments: When.allCases)
    func everyHook(when: When) throws {
        let b = ScriptedElement(
            "b", [.request: [when.act(.next)], .requestReply: [when.act(.next)], .close: [when.act(.next)], .closeReply: [when.act(.next)]])
        try Bench.with(.served("chain", ScriptedElement("a"), b, ScriptedElement("c"))) { bench in
            bench.call(.request)
            #expect(
                bench.journal.take() == [
                    "a.request", "b.request PENDING", "c.request", "c.request_reply", "b.request_reply PENDING", "a.request_reply",
                    "caller OK",
                ])
            bench.call(.close)
            #expect(
                bench.journal.take() == [
                    "a.close", "b.close PENDING", "c.close", "c.close_reply", "b.close_reply PENDING", "a.close_reply", "caller OK",
                ])
        }
    }

    @Test("an answer may be DONE or FAIL with a reason", arguments: When.allCases)
    func answers(when: When) throws {
        let a = ScriptedElement("a", hooks: [.request], [.request: [when.act(.done), when.act(.fail(CATENA_ABORTED, "no"))]])
        try Bench.with(.served("chain", a, ScriptedElement("b", hooks: [.request]))) { bench in
            #expect(bench.call(.request).answer?.code == CATENA_OK)
            #expect(bench.call(.request).answer == .init(code: CATENA_ABORTED, description: "chain/a: no", connection: ""))
            #expect(bench.journal.lines.filter { $0.hasPrefix("b.") } == [])
        }
    }

    @Test("a second answer that comes before the first was heard is GONE, and the call fails with INTERNAL")
    func twice() throws {
        let a = ScriptedElement("a", hooks: [.request], [.request: [.held]])
        let b = ScriptedElement("b", hooks: [.request])
        try Bench.with(.served("chain", a, b)) { bench in
            let caller = bench.call(.request)
            let ticket = a.instance.held[0]
            #expect(a.instance.resume(ticket, .next) == CATENA_OK)
            #expect(a.instance.resume(ticket, .next) == CATENA_GONE)
            bench.run()
            #expect(caller.answer == .init(code: CATENA_INTERNAL, description: "chain/a: the element resumed a hook that has been answered already", connection: ""))
            #expect(bench.journal.lines == ["a.request PENDING", "caller INTERNAL"])
            #expect(bench.log.lines == ["error chain/a: element misbehaves rule=resumed a hook that has been answered already remedy=resume each PENDING hook once module= times=1"])
        }
    }

    @Test("a second answer that comes later is GONE and moves nothing")
    func twiceLater() throws {
        let a = ScriptedElement("a", hooks: [.request], [.request: [.held]])
        let b = ScriptedElement("b", hooks: [.request], [.request: [.held]])
        try Bench.with(.served("chain", a, b)) { bench in
            let caller = bench.call(.request)
            let ticket = a.instance.held[0]
            a.instance.release()
            bench.run()
            #expect(a.instance.resume(ticket, .fail()) == CATENA_GONE)
            b.instance.release()
            bench.run()
            #expect(caller.answer?.code == CATENA_OK)
            #expect(bench.log.lines == ["error chain/a: element misbehaves rule=resumed a hook that has been answered already remedy=resume each PENDING hook once module= times=1"])
        }
    }

    @Test("an answer to the hook of another element is GONE, moves nothing, and names who gave it")
    func notItsOwn() throws {
        let a = ScriptedElement("a", hooks: [.request])
        let b = ScriptedElement("b", hooks: [.request], [.request: [.held]])
        try Bench.with(.served("chain", a, b)) { bench in
            let caller = bench.call(.request)
            #expect(a.instance.resume(b.instance.held[0], .fail()) == CATENA_GONE)
            bench.run()
            #expect(caller.answers.isEmpty)
            #expect(bench.log.lines == ["error chain/a: element misbehaves rule=resumed a hook of another element remedy=resume with the ticket of its own hook module= times=1"])
            b.instance.release()
            bench.run()
            #expect(caller.answer?.code == CATENA_OK)
        }
    }

    @Test("an answer after the call has ended is GONE, even when its object serves another call")
    func afterTheEnd() throws {
        let a = ScriptedElement("a", hooks: [.request], [.request: [.next, .held]])
        try Bench.with(.served("chain", a)) { bench in
            bench.call(.request)
            let old = a.instance.tickets[0]
            #expect(a.instance.resume(old, .next) == CATENA_GONE)
            let second = bench.call(.request)
            #expect(a.instance.resume(old, .fail()) == CATENA_GONE)
            bench.run()
            #expect(second.answers.isEmpty)
            #expect(a.instance.release() == CATENA_OK)
            bench.run()
            #expect(second.answer?.code == CATENA_OK)
        }
    }

    @Test("a late answer while the next element is waited for is GONE and moves nothing")
    func whileNextIsPending() throws {
        let a = ScriptedElement("a", hooks: [.request], [.request: [.held]])
        let b = ScriptedElement("b", hooks: [.request], [.request: [.held]])
        try Bench.with(.served("chain", a, b)) { bench in
            let caller = bench.call(.request)
            let ticket = a.instance.held[0]
            a.instance.release()
            bench.run()
            #expect(a.instance.resume(ticket, .fail()) == CATENA_GONE)
            bench.run()
            #expect(caller.answers.isEmpty)
            b.instance.release()
            bench.run()
            #expect(caller.answer?.code == CATENA_OK)
        }
    }

    @Test("a ticket is over with its verdict, also while the call waits for the next hop")
    func ticketIsOver() throws {
        let h = ScriptedElement("h", hooks: [.request])
        try Bench.with(.served("chain", .anchor(), .connector()), .client("client", h)) { bench in
            bench.transports.set(.request, .held)
            let caller = bench.call(.request)
            let instance = h.instance
            #expect(instance.resume(instance.tickets[0], .fail()) == CATENA_GONE)
            #expect(instance.calls.message(instance.host, instance.tickets[0]) == nil)
            bench.transports.made[0].release()
            bench.run()
            #expect(caller.answer?.code == CATENA_OK)
        }
    }

    @Test("numbers that were never given are GONE")
    func neverGiven() throws {
        let a = ScriptedElement("a", hooks: [.request])
        try Bench.with(.served("chain", a)) { bench in
            for ticket in [0, 1, 1 << 40, UInt64.max] { #expect(a.instance.resume(ticket, .next) == CATENA_GONE) }
        }
    }

    @Test("a hook that is resumed and then answers by itself fails the call, and is named")
    func twoAnswers() throws {
        let a = ScriptedElement("a", hooks: [.request], [.request: [.run { instance, hop in
            #expect(instance.resume(hop.call, .fail()) == CATENA_OK)
            return .next
        }]])
        let b = ScriptedElement("b", hooks: [.request], [.request: [.held]])
        try Bench.with(.served("chain", a, b)) { bench in
            let caller = bench.call(.request)
            #expect(
                caller.answer
                    == .init(
                        code: CATENA_INTERNAL, description: "chain/a: the element resumed a hook that then answered by itself",
                        connection: ""))
            #expect(bench.log.lines == ["error chain/a: element misbehaves rule=resumed a hook that then answered by itself remedy=say PENDING where the hook resumes, or do not resume module= times=1"])
        }
    }

    @Test("no hook runs inside resume: the call goes on when the hook that resumed it has returned")
    func notInside() throws {
        let a = ScriptedElement("a", hooks: [.request], [.request: [.held, .run { instance, _ in
            instance.record("resuming")
            instance.release()
            instance.record("resumed")
            return .next
        }]])
        let b = ScriptedElement("b", hooks: [.request])
        try Bench.with(.served("chain", a, b)) { bench in
            bench.call(.request, as: "first")
            bench.call(.request, as: "second")
            #expect(
                bench.journal.lines == [
                    "a.request PENDING", "resuming", "resumed", "a.request", "b.request", "second OK", "b.request", "first OK",
                ])
        }
    }

    @Test("the message is in reach through the ticket while the hook is PENDING, and not after")
    func message() throws {
        let a = ScriptedElement("a", hooks: [.request], [.request: [.held]])
        try Bench.with(.served("chain", a)) { bench in
            bench.call(.request)
            let instance = a.instance
            let ticket = instance.held[0]
            bench.loops[0].enter {
                #expect(TestMessage.of(instance.calls.message(instance.host, ticket))?.text(CATENA_F_ID) == "id")
                #expect(String(instance.calls.peer(instance.host, ticket)) == "127.0.0.1:41312")
            }
            instance.release()
            bench.run()
            bench.loops[0].enter { #expect(instance.calls.message(instance.host, ticket) == nil) }
        }
    }
}
