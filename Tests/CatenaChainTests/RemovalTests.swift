// SPDX-License-Identifier: Apache-2.0
// The law of the end that an element asks for: every element below the anchor that has seen no Close is sent one, deepest first, then
// every slot is dropped, and for the anchor the incarnation has ended at once.

import CatenaABI
import Testing

@testable import CatenaChain

@Suite("Removal")
struct RemovalTests {
    private struct Parts {
        let bench: Bench
        let s: ScriptedInstance
        let a, b, c: ScriptedElement
        let conn: catena_conn
        let executor: UnsafePointer<catena_executor>

        func cancel() -> catena_status { executor.pointee.cancel(executor.pointee.ctx, conn) }
        func finish(_ job: catena_job) { executor.pointee.finish(executor.pointee.ctx, job) }
        func close(_ conn: catena_conn) -> catena_op { b.instance.start(conn, .close, from: CATENA_FROM_MY_NEXT, message: bench.bank.make(id: "id")) }
    }

    /// An anchor, and three elements below it of which the second one fires; the connection is open.
    private static func with(options: EngineOptions = EngineOptions(), _ body: (Parts) throws -> Void) throws {
        var conn: catena_conn = 0
        var executor: UnsafePointer<catena_executor>?
        let a = ScriptedElement("a", hooks: [.request, .close, .connDropped])
        let b = ScriptedElement.firing("b", hooks: [.request, .close], [.request: [.run { instance, hop in
            (conn, executor) = (hop.conn, instance.executor(hop))
            return .next
        }]])
        let c = ScriptedElement("c", hooks: [.request, .close, .closeReply, .callDropped])
        a.connSlot = 16
        c.callSlot = 16
        let s = ScriptedElement.anchorWithExecutor()
        try Bench.with(.served("chain", s, a, b, c), options: options) { bench in
            bench.open()
            try body(Parts(bench: bench, s: s.instance, a: a, b: b, c: c, conn: conn, executor: try #require(executor)))
        }
    }

    @Test("a cancel closes every element below the anchor, deepest first, and drops the slots; the id is free for a new connection")
    func cancel() throws {
        try Self.with { it in
            #expect(it.cancel() == CATENA_OK && it.cancel() == CATENA_GONE)
            it.bench.run()
            #expect(it.bench.journal.take() == [
                "c.close REMOVED", "c.close_reply REMOVED", "b.close REMOVED", "a.close REMOVED", "c.call_dropped", "a.conn_dropped REMOVED",
            ])
            #expect(it.bench.connectionCount == 0)
            it.b.instance.exec(it.executor, it.conn) { _ in Issue.record("ran") }
            #expect(it.bench.journal.take() == ["b.refused ABORTED executor is already canceled: id"])
            it.a.set(.request, .run { _, hop in
                #expect(hop.flags & CATENA_HOP_FIRST != 0 && hop.conn != it.conn && hop.conn_slot.load(as: UInt64.self) == 0)
                return .next
            })
            #expect(it.bench.call(.request).answer?.code == CATENA_OK)
        }
    }

    @Test("elements that a job has closed before are left out, and closed ones that a Request has opened again are not")
    func seen() throws {
        try Self.with { it in
            it.b.instance.exec(it.executor, it.conn) { job in
                _ = it.close(it.conn)
                #expect(it.cancel() == CATENA_OK)
                it.finish(job)
            }
            it.bench.run()
            #expect(it.bench.journal.take() == [
                "b.job", "c.close EVENT", "c.close_reply EVENT", "b.done OK new", "c.call_dropped", "b.close REMOVED", "a.close REMOVED",
                "a.conn_dropped REMOVED",
            ])
        }
        try Self.with { it in
            it.b.instance.exec(it.executor, it.conn) { job in
                _ = it.close(it.conn)
                it.finish(job)
            }
            it.bench.run()
            // The incarnation goes on.
            #expect(it.bench.connectionCount == 1)
            it.bench.call(.request)
            _ = it.bench.journal.take()
            #expect(it.cancel() == CATENA_OK)
            it.bench.run()
            #expect(it.bench.journal.take().first == "c.close REMOVED")
        }
    }

    @Test("a Request that a job starts on what it has closed is a first one for those below: it is undone there, and nothing else ends")
    func reopened() throws {
        try Self.with { it in
            it.c.set(.request, .run { _, hop in
                #expect(hop.flags & CATENA_HOP_FIRST != 0)
                return .next
            })
            it.c.hooks.insert(.requestReply)
            it.b.instance.exec(it.executor, it.conn) { job in
                _ = it.close(it.conn)
                _ = it.b.instance.start(it.conn, .request, from: CATENA_FROM_MY_NEXT, message: it.bench.bank.make(id: "id"))
                it.finish(job)
            }
            it.bench.run()
            #expect(it.bench.connectionCount == 1)
            it.c.set(.request, .run { _, hop in
                #expect(hop.flags & CATENA_HOP_FIRST == 0)
                return .fail()
            })
            it.bench.call(.request)
            #expect(it.bench.connectionCount == 1)
            it.c.set(.request, .next)
        }
    }

    @Test("the end waits for the call below, and for the job; who comes meanwhile waits for the end, and is a first one then", arguments: ["call", "job"])
    func waits(what: String) throws {
        try Self.with { it in
            var job: catena_job = 0
            if what == "call" {
                it.c.set(.request, .held)
                it.bench.call(.request, as: "running")
                it.c.set(.request, .next)
            } else {
                it.b.instance.exec(it.executor, it.conn) { job = $0 }
                it.bench.run()
            }
            #expect(it.cancel() == CATENA_OK)
            it.bench.run()
            _ = it.bench.journal.take()
            it.c.set(.close, .held)
            it.a.set(.request, .run { _, hop in
                #expect(hop.flags & CATENA_HOP_FIRST != 0 && hop.conn != it.conn)
                return .next
            })
            let next = it.bench.call(.request, as: "next")
            if what == "call" { it.c.instance.release() } else { it.finish(job) }
            it.bench.run()
            let before = ["s.request PENDING"] + (what == "call" ? ["s.request_reply", "running OK", "c.call_dropped"] : [])
            #expect(it.bench.journal.take() == before + ["c.close REMOVED PENDING"])
            it.bench.loops[0].enter { #expect(!it.s.connections.established(it.s.host, it.conn)) }
            it.c.instance.release()
            it.bench.run()
            #expect(it.bench.journal.take() == [
                "c.close_reply REMOVED", "b.close REMOVED", "a.close REMOVED", "c.call_dropped", "a.conn_dropped REMOVED", "a.request", "b.request",
                "c.request", "s.request_reply", "next OK", "c.call_dropped",
            ])
            #expect(next.answer?.code == CATENA_OK && it.bench.connectionCount == 1)
            it.c.set(.close, .next)
        }
    }

    @Test("a first Request that fails while a cancel waits is undone, and that is the end")
    func failedFirst() throws {
        let s = ScriptedElement.anchorWithExecutor()
        var conn: catena_conn = 0
        let a = ScriptedElement("a", hooks: [.request, .close, .connDropped], [.request: [.run { _, hop in
            conn = hop.conn
            return .next
        }]])
        a.connSlot = 16
        let c = ScriptedElement("c", hooks: [.request], [.request: [.held]])
        try Bench.with(.served("chain", s, a, c)) { bench in
            let caller = bench.call(.request)
            bench.loops[0].enter { #expect(s.instance.anchors.end(s.instance.host, conn, CATENA_REMOVED) == CATENA_OK) }
            bench.loops[0].enter { #expect(s.instance.anchors.end(s.instance.host, conn, CATENA_REMOVED) == CATENA_GONE) }
            c.instance.release(.fail())
            bench.run()
            #expect(caller.answer?.code == CATENA_UNAVAILABLE && bench.connectionCount == 0)
            #expect(bench.journal.take().filter { $0.hasPrefix("a.") } == ["a.request", "a.close ROLLBACK", "a.conn_dropped ROLLBACK"])
        }
    }

    @Test("an outside Close that comes after a cancel finds nothing open")
    func closeAfter() throws {
        try Self.with { it in
            it.c.set(.close, .held)
            #expect(it.cancel() == CATENA_OK)
            it.bench.run()
            let caller = it.bench.call(.close)
            #expect(caller.answer?.code == CATENA_OK)
            #expect(it.bench.journal.take() == ["c.close REMOVED PENDING", "s.close DONE", "caller OK"])
            it.c.instance.release()
        }
    }

    @Test("an element that does not answer in the end is answered for, the others still see it")
    func writtenOff() throws {
        try Self.with { it in
            it.c.set(.close, .held)
            #expect(it.cancel() == CATENA_OK)
            it.bench.advance(.seconds(36))
            #expect(it.bench.journal.take() == ["c.close REMOVED PENDING", "b.close REMOVED", "a.close REMOVED", "a.conn_dropped REMOVED"])
            #expect(it.bench.log.lines.contains { $0.contains("never resumed its close hook") })
            it.c.instance.release()
            it.bench.run()
        }
    }

    @Test("another element than the anchor may not ask for any of it")
    func others() throws {
        try Self.with { it in
            let b = it.b.instance
            it.bench.loops[0].enter {
                #expect(b.anchors.end(b.host, it.conn, CATENA_REMOVED) == CATENA_MISUSE)
                #expect(b.anchors.lend_turn(b.host, it.conn, nil) == CATENA_MISUSE)
                #expect(b.anchors.keep_after_close(b.host, 1, 0) == CATENA_MISUSE)
                #expect(b.anchors.side(b.host) == CATENA_SIDE_INERT && it.s.anchors.side(it.s.host) == CATENA_SIDE_SERVER)
                #expect(it.s.anchors.end(it.s.host, 99, CATENA_REMOVED) == CATENA_GONE)
                #expect(it.s.anchors.lend_turn(it.s.host, 99, nil) == CATENA_GONE)
            }
        }
    }
}
