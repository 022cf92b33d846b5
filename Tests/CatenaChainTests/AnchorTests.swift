// SPDX-License-Identifier: Apache-2.0
// The law of the anchor: below it a connection has slots, a first Request and refreshes, one call at a time, and one loop.

import CatenaABI
import Testing

@testable import CatenaChain

@Suite("Anchor")
struct AnchorTests {
    /// An element that says in the journal what it was shown.
    private static func witness(_ name: String, _ held: Act = .next) -> ScriptedElement {
        let show: Act = .run { instance, hop in
            let flags = [(CATENA_HOP_FIRST, "first"), (CATENA_HOP_KNOWN, "known"), (CATENA_HOP_EVENT, "event")].filter { hop.flags & $0.0 != 0 }
            instance.record("\(name) \(flags.map(\.1).joined(separator: " "))")
            return held
        }
        return ScriptedElement(name, hooks: [.request, .close], [.request: [show], .close: [show]])
    }

    @Test("the first Request is first, the next one a refresh; a Close knows whether something is open")
    func flags() throws {
        let b = Self.witness("b")
        try Bench.with(.served("chain", ScriptedElement("a", hooks: [.request], [.request: [.run { _, hop in
            #expect(hop.flags == 0 && hop.conn == 0 && hop.conn_slot == nil)
            return .next
        }]]), .anchor(), b)) { bench in
            bench.call(.request)
            bench.call(.request)
            bench.call(.close)
            bench.call(.request)
            #expect(bench.journal.lines.filter { $0.hasPrefix("b ") } == ["b first", "b ", "b known", "b first"])
        }
    }

    @Test("connection slots live from the first Request to their drop; each incarnation has its own number and zeroed slots")
    func slots() throws {
        var numbers: [catena_conn] = []
        let b = ScriptedElement("b", hooks: [.connDropped, .close], [.request: [.run { _, hop in
            numbers.append(hop.conn)
            let slot = hop.conn_slot.assumingMemoryBound(to: UInt64.self)
            #expect(UInt(bitPattern: slot) % 16 == 0)
            slot.pointee += 1
            #expect(slot.pointee == (numbers.count == 3 ? 1 : UInt64(numbers.count)))
            return .next
        }]])
        b.connSlot = 8
        try Bench.with(.served("chain", .anchor(), b)) { bench in
            bench.call(.request)
            bench.call(.request)
            bench.call(.close)
            bench.call(.request)
            #expect(numbers[0] == numbers[1] && numbers[0] != numbers[2] && !numbers.contains(0))
            #expect(bench.journal.take().filter { $0.contains("dropped") } == ["b.conn_dropped CALLER"])
        }
    }

    @Test("a record goes when nobody uses it")
    func tableIsEmpty() throws {
        let b = ScriptedElement("b", hooks: [], [.request: [.fail(), .next]])
        try Bench.with(.served("chain", .anchor(), b)) { bench in
            bench.call(.request)
            #expect(bench.connectionCount == 0)
            bench.call(.close)
            #expect(bench.connectionCount == 0)
            bench.call(.request)
            #expect(bench.connectionCount == 1)
            #expect(bench.engine.status().chains[0].connections == 1)
            bench.call(.close)
            #expect(bench.connectionCount == 0)
            #expect(bench.engine.connectionIndex.count == 0)
        }
    }

    @Test("every one of many records is found by its id and by its number, in any order of coming and going")
    func manyRecords() throws {
        try Bench.with(.served("chain", .anchor(), ScriptedElement("b"))) { bench in
            let table = bench.engine.served[0].connections, index = bench.engine.connectionIndex
            for id in 0..<3000 { bench.call(.request, "\(id)") }
            for id in stride(from: 0, to: 3000, by: 3) { bench.call(.close, "\(id)") }
            let records = table.all()
            #expect(Set(records.map(\.idText)) == Set((0..<3000).filter { $0 % 3 != 0 }.map(String.init)))
            #expect(records.count == 2000 && table.count == 2000 && index.count == 2000)
            #expect(records.allSatisfy { index.find($0.number) === $0 && index.has($0.number) })
            for id in 0..<3000 { bench.call(.request, "\(id)") }
            #expect(table.count == 3000 && records.allSatisfy { index.find($0.number) === $0 })
            for id in (0..<3000).reversed() { bench.call(.close, "\(id)") }
            #expect(table.count == 0 && index.count == 0 && records.allSatisfy { !index.has($0.number) })
        }
    }

    @Test("calls of one connection never overlap, and keep their order; another connection does not wait")
    func exclusive() throws {
        let b = ScriptedElement("b", [.request: [.held, .held, .next]])
        try Bench.with(.served("chain", .anchor(), b)) { bench in
            bench.call(.request, "one", as: "first")
            bench.call(.request, "one", as: "second")
            bench.call(.close, "one", as: "third")
            #expect(bench.journal.take() == ["s.request", "b.request PENDING", "s.request PENDING", "s.close PENDING"])
            bench.call(.request, "two", as: "other")
            #expect(bench.journal.take() == ["s.request", "b.request PENDING"])
            b.instance.release()
            bench.run()
            #expect(bench.journal.take() == ["b.request_reply", "s.request_reply", "first OK", "b.request", "b.request_reply", "s.request_reply", "second OK", "b.close", "b.close_reply", "s.close_reply", "third OK"])
            b.instance.release()
            bench.run()
            #expect(bench.journal.take() == ["b.request_reply", "s.request_reply", "other OK"])
        }
    }

    @Test("below the anchor hooks run on the loop of the connection's first call, above it where each call arrived")
    func homeLoop() throws {
        final class Loops: @unchecked Sendable { var list: [ManualLoop] = [] }
        let loops = Loops()
        let show: Act = .run { instance, _ in
            instance.record("\(instance.name)\(loops.list.firstIndex { $0.isCurrent } ?? -1)")
            return .next
        }
        let all: [Hook: [Act]] = [.request: [show], .requestReply: [show], .close: [show], .closeReply: [show]]
        try Bench.with(.served("chain", ScriptedElement("a", all), .anchor(), ScriptedElement("b", all)), loops: 2) { bench in
            loops.list = bench.loops
            for (verb, loop) in [(Verb.request, 0), (.request, 1), (.close, 1), (.request, 1)] {
                bench.call(verb, loop: loop)
                let shown = bench.journal.take().filter { $0.count == 2 }
                let home = verb == .request && loop == 1 && bench.engine.served[0].connections.all().first?.home.number == 1 ? 1 : 0
                #expect(shown == ["a\(loop)", "b\(home)", "b\(home)", "a\(loop)"])
            }
            #expect(bench.engine.served[0].connections.all().first?.home.number == 1)
        }
    }

    @Test("a caller is answered on the loop where it began")
    func answerLoop() throws {
        final class LoopCaller: Caller {
            let loop: ManualLoop
            init(_ loop: ManualLoop) { self.loop = loop }
            let peer = ""
            func metadata(_ key: String, _ index: Int) -> UnsafeBufferPointer<UInt8>? { nil }
            func answer(error: CallError?, message: OpaquePointer?) { #expect(loop.isCurrent) }
        }
        try Bench.with(.served("chain", .anchor()), loops: 2) { bench in
            for loop in [0, 1] {
                let home = try #require(bench.engine.home(of: bench.loops[loop]))
                bench.loops[loop].enter {
                    _ = bench.engine.begin(
                        .request, on: bench.engine.served[0], message: bench.bank.owned(id: "id"), deadline: 0,
                        caller: LoopCaller(bench.loops[loop]), home: home)
                }
                bench.run()
            }
        }
    }

    @Test("a Request that waits while a Close ends the incarnation is the first of the next one")
    func afterClose() throws {
        let b = Self.witness("b")
        b.set(.close, .held)
        b.hooks.insert(.connDropped)
        b.connSlot = 8
        try Bench.with(.served("chain", .anchor(), b)) { bench in
            bench.open()
            bench.call(.close, as: "close")
            bench.call(.request, as: "request")
            #expect(bench.journal.take() == ["s.close", "b.close PENDING", "s.request PENDING"])
            b.instance.release()
            bench.run()
            #expect(
                bench.journal.take() == [
                    "s.close_reply", "b.conn_dropped CALLER", "close OK", "b first", "b.request", "s.request_reply", "request OK",
                ])
            #expect(bench.connectionCount == 1)
        }
    }

    @Test("an empty id is INVALID_ARGUMENT from the anchor, for both verbs", arguments: [Verb.request, .close])
    func emptyID(verb: Verb) throws {
        try Bench.with(.served("chain", ScriptedElement("a"), .anchor())) { bench in
            let answer = bench.call(verb, "").answer
            #expect(answer?.code == CATENA_INVALID_ARGUMENT)
            #expect(answer?.description == "chain/s: the connection has no id: put an element such as \"updatepath\" before the anchor")
            #expect(bench.connectionCount == 0)
        }
    }

    @Test("an anchor that answers a Close that waited with DONE, though a connection is open, is asked again")
    func staleDone() throws {
        let s = ScriptedElement("s", [.close: [.later(.done), .next]])
        s.flags = CATENA_TYPE_ANCHOR
        try Bench.with(.served("chain", s, ScriptedElement("b"))) { bench in
            bench.open()
            bench.call(.close)
            #expect(
                bench.journal.take() == ["s.close PENDING", "s.close", "b.close", "b.close_reply", "s.close_reply", "caller OK"])
            #expect(bench.connectionCount == 0)
        }
    }

    @Test("DONE for a Close that waited holds for the incarnation it was shown, though another one has begun")
    func doneForAnother() throws {
        let s = ScriptedElement("s", [.close: [.next, .held]])
        s.flags = CATENA_TYPE_ANCHOR
        let b = ScriptedElement("b", hooks: [], [.close: [.held]])
        try Bench.with(.served("chain", s, b)) { bench in
            bench.open()
            bench.call(.close, as: "first")
            let second = bench.call(.close, as: "second")
            b.instance.release()
            bench.run()
            bench.call(.request)
            s.instance.release(.done)
            bench.run()
            #expect(second.answer?.code == CATENA_OK)
            #expect(bench.connectionCount == 1)
        }
    }

    @Test("an anchor that lets two calls of a connection pass fails the second, and is named")
    func overlap() throws {
        let s = ScriptedElement("s")
        s.flags = CATENA_TYPE_ANCHOR
        let b = ScriptedElement("b", hooks: [.request], [.request: [.held]])
        try Bench.with(.served("chain", s, b)) { bench in
            let first = bench.call(.request)
            #expect(bench.call(.close).answer?.code == CATENA_INTERNAL)
            #expect(bench.log.lines.contains { $0.hasPrefix("error chain/s: element misbehaves") })
            b.instance.release()
            bench.run()
            #expect(first.answer?.code == CATENA_OK)
            #expect(bench.call(.close).answer?.code == CATENA_OK)
        }
    }

    @Test("DONE at the anchor turns round there: nothing below is reached, nothing opens")
    func doneAtAnchor() throws {
        try Bench.with(.served("chain", ScriptedElement("a"), .anchor("s", [.request: [.done]]), ScriptedElement("b"))) { bench in
            bench.call(.request)
            #expect(bench.journal.lines == ["a.request", "s.request DONE", "a.request_reply", "caller OK"])
            #expect(bench.connectionCount == 0)
        }
    }

    @Test("the last good message is what a good Request was at the anchor; a failed refresh leaves it")
    func lastGood() throws {
        let b = ScriptedElement("b", hooks: [.request], [.request: [.next, .next, .fail()]])
        let a = ScriptedElement("a", hooks: [.requestReply], [.requestReply: [.run { _, hop in
            TestMessage.of(hop.message)?.set(CATENA_F_CONNECTION, Array("above".utf8))
            return .next
        }]])
        try Bench.with(.served("chain", a, .anchor(), b)) { bench in
            let last = { bench.engine.served[0].connections.all().first?.lastGood.flatMap { TestMessage.of($0)?.text(CATENA_F_CONNECTION) } }
            for (sent, kept) in [("one", "one"), ("two", "two"), ("three", "two")] {
                bench.call(.request, connection: sent)
                #expect(last() == kept)
            }
            bench.call(.close)
            #expect(last() == nil)
        }
    }
}
