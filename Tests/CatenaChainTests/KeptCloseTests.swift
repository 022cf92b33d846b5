// SPDX-License-Identifier: Apache-2.0
// The law of a Close that failed: if the anchor asks, everything stays for another try, until one succeeds, a Request begins anew or
// the time is over.

import CatenaABI
import Testing

@testable import CatenaChain

@Suite("Kept after a failed Close")
struct KeptCloseTests {
    /// An anchor that keeps until `until`, and an element below whose Close fails as it says.
    private static func with(
        until: UInt64 = 0, _ closes: [Act], below: ScriptedElement = ScriptedElement("c", hooks: [.request, .close]), _ body: (Bench, ScriptedElement) throws -> Void
    ) throws {
        let s = ScriptedElement.anchor("s", [.closeReply: [.run { instance, hop in
            let status = instance.anchors.keep_after_close(instance.host, hop.call, until)
            instance.record("keep \(Name.of(status: status))")
            return .next
        }]])
        let b = ScriptedElement("b", hooks: [.request, .connDropped], [.close: closes])
        b.connSlot = 16
        try Bench.with(.served("chain", s, b, below)) { bench in
            bench.open()
            try body(bench, b)
        }
    }

    private static func flags(_ bench: Bench) -> Act {
        .run { instance, hop in
            instance.record("\(instance.name)\(hop.flags & CATENA_HOP_FIRST != 0 ? " first" : "")\(hop.flags & CATENA_HOP_KNOWN != 0 ? " known" : "") \(hop.conn)")
            return .next
        }
    }

    @Test("slots, number and last good message stay, and the next Close is one of a known connection")
    func kept() throws {
        try Self.with([.fail(), .next]) { bench, b in
            let number = try #require(bench.engine.served[0].connections.all().first).number
            #expect(bench.call(.close).answer?.code == CATENA_UNAVAILABLE)
            #expect(bench.journal.take() == ["s.close", "b.close FAIL", "c.close", "keep OK", "s.close_reply UNAVAILABLE", "caller UNAVAILABLE"])
            bench.loops[0].enter {
                let s = bench.elements[0].instance
                #expect(s.connections.established(s.host, number) && s.connections.last(s.host, number) != nil)
            }
            bench.elements[2].set(.close, Self.flags(bench))
            _ = bench.elements[0].instance.start(number, .close, reason: CATENA_RETRY)
            bench.run()
            #expect(bench.journal.take() == [
                "s.close RETRY", "b.close RETRY", "c known \(number)", "c.close RETRY", "keep MISUSE", "s.close_reply RETRY", "s.done OK new",
                "b.conn_dropped RETRY",
            ])
            #expect(bench.connectionCount == 0)
        }
    }

    @Test("a Request runs on the slots as a first one, and opens the connection again")
    func reopened() throws {
        try Self.with([.fail(), .next]) { bench, b in
            let number = try #require(bench.engine.served[0].connections.all().first).number
            bench.call(.close)
            b.set(.request, Self.flags(bench), .next)
            _ = bench.journal.take()
            #expect(bench.call(.request).answer?.code == CATENA_OK)
            #expect(bench.journal.take().contains("b first \(number)"))
            b.set(.request, Self.flags(bench))
            bench.call(.request)
            #expect(bench.journal.take().contains("b \(number)"))
        }
    }

    @Test("a Request that fails then is undone to the last element, entered or not, and that is the end")
    func failedRequest() throws {
        try Self.with([.fail(), .next]) { bench, b in
            bench.call(.close)
            b.set(.request, .fail())
            _ = bench.journal.take()
            #expect(bench.call(.request).answer?.code == CATENA_UNAVAILABLE)
            #expect(bench.journal.take() == [
                "s.request", "b.request FAIL", "c.close ROLLBACK", "b.close ROLLBACK", "b.conn_dropped ROLLBACK", "s.request_reply UNAVAILABLE",
                "caller UNAVAILABLE",
            ])
            #expect(bench.connectionCount == 0)
        }
    }

    @Test("when the time is over what was kept is dropped; a Request that came before has ended that")
    func expiry() throws {
        // The bench's clock begins at 1 s.
        try Self.with(until: .seconds(11), [.fail()]) { bench, b in
            bench.call(.close)
            _ = bench.journal.take()
            bench.advance(.seconds(9.9))
            #expect(bench.connectionCount == 1)
            bench.advance(.seconds(0.2))
            #expect(bench.journal.take() == ["b.conn_dropped EXPIRED"] && bench.connectionCount == 0)
        }
        try Self.with(until: .seconds(11), [.fail()]) { bench, b in
            bench.call(.close)
            bench.call(.request)
            bench.advance(.seconds(20))
            #expect(bench.connectionCount == 1)
            // Too late to be kept.
            bench.call(.close)
            #expect(bench.connectionCount == 0)
        }
    }

    @Test("a Close of what is not open, a good one and one for another endpoint keep nothing")
    func notKept() throws {
        try Self.with([.next]) { bench, b in
            bench.call(.close)
            #expect(bench.journal.take().contains("keep MISUSE") && bench.connectionCount == 0)
        }
    }

    @Test("what the anchor resumes a waiting Close with ends it there, if another one has been below since it came", arguments: [Act.done, .fail(CATENA_UNAVAILABLE, "as that one")])
    func coalesced(answer: Act) throws {
        let held = ScriptedElement("c", hooks: [.request, .close], [.close: [.held]])
        try Self.with([.fail()], below: held) { bench, b in
            bench.call(.close, as: "first")
            bench.elements[0].set(.close, .held)
            let second = bench.call(.close, as: "second")
            held.instance.release()
            bench.run()
            _ = bench.journal.take()
            #expect(second.answers.isEmpty)
            bench.elements[0].instance.release(answer)
            bench.run()
            #expect(!bench.journal.lines.contains { $0.hasPrefix("b.close") } && bench.connectionCount == 1)
            if case .done = answer { #expect(second.answer?.code == CATENA_OK) } else { #expect(second.answer?.description == "chain/s: as that one") }
            bench.elements[0].set(.close, .next)
        }
    }

    @Test("a Close that the anchor began is ended by its DONE, though the connection is open")
    func ownClose() throws {
        try Self.with([.next]) { bench, b in
            let number = try #require(bench.engine.served[0].connections.all().first).number
            bench.elements[0].set(.close, .done, .next)
            _ = bench.elements[0].instance.start(number, .close, reason: CATENA_RETRY)
            bench.run()
            #expect(bench.journal.take() == ["s.close RETRY DONE", "s.done OK new"] && bench.connectionCount == 1)
        }
    }
}
