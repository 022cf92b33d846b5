// SPDX-License-Identifier: Apache-2.0
// The law of the turn: a job of the executor has it until it finishes, what it starts just after its element runs inside it,
// and what it leaves behind is never beside another call.

import CatenaABI
import CatenaCrash
import Testing

@testable import CatenaChain

@Suite("Turn")
struct TurnTests {
    /// What an element of a test has learned of its connection.
    private final class Seen {
        var conn: catena_conn = 0
        var executor: UnsafePointer<catena_executor>?
        var inClose: UnsafePointer<catena_executor>?
    }

    /// A chain of an anchor, an element, one that fires, and one below it; the connection is open.
    private static func firing(
        below: ScriptedElement = ScriptedElement("c"), options: EngineOptions = EngineOptions(),
        _ body: (Bench, ScriptedInstance, Seen) throws -> Void
    ) throws {
        let seen = Seen()
        let learn: Act = .run { instance, hop in
            if hop.conn != 0 { (seen.conn, seen.executor) = (hop.conn, instance.executor(hop)) }
            return .next
        }
        let see: Act = .run { instance, hop in
            seen.inClose = instance.executor(hop)
            return .next
        }
        let b = ScriptedElement.firing("b", hooks: [.request, .close, .connDropped], [.request: [learn], .close: [see]])
        b.connSlot = 8
        try Bench.with(
            .served("chain", .anchorWithExecutor(), ScriptedElement("a", hooks: [.request, .close]), b, below), options: options
        ) { bench in
            bench.open()
            try body(bench, b.instance, seen)
        }
    }

    @Test("what a job starts just after its element runs below it, inside the turn, and a call from outside waits for its finish")
    func request() throws {
        try Self.firing { bench, b, seen in
            let executor = try #require(seen.executor)
            var job: catena_job = 0
            b.exec(executor, seen.conn) {
                job = $0
                _ = b.start(seen.conn, .request, from: CATENA_FROM_MY_NEXT, message: bench.bank.make(id: "id", connection: "fired"))
            }
            bench.run()
            #expect(bench.journal.take() == ["b.job", "c.request", "c.request_reply", "b.done OK fired"])
            bench.call(.request)
            #expect(bench.journal.take() == ["s.request PENDING"])
            executor.pointee.finish(executor.pointee.ctx, job)
            bench.run()
            #expect(bench.journal.take().first == "a.request")
            // The message of the middle is not the one at the anchor.
            bench.loops[0].enter {
                #expect(TestMessage.of(bench.engine.served[0].connections.all()[0].lastGood)?.text(CATENA_F_CONNECTION) == "new")
            }
        }
    }

    @Test("a Request that a job starts carries the executor, a Close and a rollback do not")
    func values() throws {
        var shown: [String] = []
        let look: Act = .run { instance, hop in
            shown.append(instance.executor(hop) == nil ? "none" : "some")
            return .next
        }
        let c = ScriptedElement.firing("c", hooks: [.request, .close], [.request: [look], .close: [look]])
        try Self.firing(below: c) { bench, b, seen in
            let executor = try #require(seen.executor)
            b.exec(executor, seen.conn) { job in
                _ = b.start(seen.conn, .request, from: CATENA_FROM_MY_NEXT, message: bench.bank.make(id: "id"))
                _ = b.start(seen.conn, .close, from: CATENA_FROM_MY_NEXT, message: bench.bank.make(id: "id"))
                executor.pointee.finish(executor.pointee.ctx, job)
            }
            bench.run()
            _ = b.start(seen.conn, .request)
            _ = b.start(seen.conn, .close)
            bench.run()
            #expect(shown == ["some", "some", "none", "some", "none"] && seen.inClose == nil)
            c.set(.request, look, look)
            c.set(.requestReply, .next)
            shown = []
            bench.call(.request, "other")
            #expect(shown == ["some"])
        }
        shown = []
        let failing = ScriptedElement.firing("c", hooks: [.request, .close], [.request: [look], .close: [look]])
        try Bench.with(.served("chain", .anchorWithExecutor(), failing, ScriptedElement("d", hooks: [.request], [.request: [.fail()]]))) { bench in
            bench.call(.request)
            #expect(shown == ["some", "none"])
        }
    }

    @Test("without a job, or in another's, a start just after oneself is refused and logged")
    func refused() throws {
        try Self.firing { bench, b, seen in
            #expect(b.start(seen.conn, .request, from: CATENA_FROM_MY_NEXT, message: bench.bank.make(id: "id")) == 0)
            let executor = try #require(seen.executor)
            let a = bench.elements[1].instance
            var job: catena_job = 0
            a.exec(executor, seen.conn) { job = $0 }
            bench.run()
            #expect(b.start(seen.conn, .close, from: CATENA_FROM_MY_NEXT, message: bench.bank.make(id: "id")) == 0)
            #expect(a.start(seen.conn, .close, from: CATENA_FROM_MY_NEXT, message: nil) == 0)
            executor.pointee.finish(executor.pointee.ctx, job)
            executor.pointee.finish(executor.pointee.ctx, job)
            bench.run()
            #expect(a.start(seen.conn, .close, from: CATENA_FROM_MY_NEXT, message: bench.bank.make(id: "id")) == 0)
            #expect(bench.journal.take() == ["a.job"])
            #expect(bench.log.lines.count { $0.contains("started a call just after itself") } == 4)
        }
    }

    @Test("what a job has left below keeps back whoever the anchor lets pass")
    func stray() throws {
        let c = ScriptedElement("c", [.request: [.next, .held, .next]])
        try Self.firing(below: c) { bench, b, seen in
            let executor = try #require(seen.executor)
            b.exec(executor, seen.conn) { job in
                _ = b.start(seen.conn, .request, from: CATENA_FROM_MY_NEXT, message: bench.bank.make(id: "id"))
                executor.pointee.finish(executor.pointee.ctx, job)
            }
            bench.run()
            bench.call(.request)
            #expect(bench.journal.take() == ["b.job", "c.request PENDING", "s.request"])
            c.instance.release()
            bench.run()
            #expect(bench.journal.take() == [
                "c.request_reply", "b.done OK new", "a.request", "b.request", "c.request", "c.request_reply", "s.request_reply", "caller OK",
            ])
        }
    }

    @Test("a call that the anchor lets pass beside a job fails, and the anchor is named")
    func beside() throws {
        try Self.firing { bench, b, seen in
            let executor = try #require(seen.executor)
            var job: catena_job = 0
            b.exec(executor, seen.conn) { job = $0 }
            bench.run()
            let s = bench.elements[0]
            s.set(.request, .run { instance, hop in
                #expect(instance.resume(hop.call, .next) == CATENA_OK)
                return .queued
            })
            let caller = bench.call(.request)
            #expect(caller.answer?.code == CATENA_INTERNAL)
            #expect(bench.log.lines.contains { $0.contains("let a call of a connection pass while another one was below") })
            executor.pointee.finish(executor.pointee.ctx, job)
            s.set(.request, .next)
        }
    }

    @Test("a queued Close is not hurried while a job has the turn")
    func patient() throws {
        try Self.firing { bench, b, seen in
            let executor = try #require(seen.executor)
            var job: catena_job = 0
            b.exec(executor, seen.conn) { job = $0 }
            bench.run()
            let caller = bench.call(.close)
            bench.advance(.seconds(29))
            #expect(bench.journal.take() == ["b.job", "s.close PENDING"] && caller.answers.isEmpty)
            executor.pointee.finish(executor.pointee.ctx, job)
            bench.run()
            #expect(caller.answer?.code == CATENA_OK)
        }
    }

    @Test("a job that never finishes is ended after the time for events and the grace, with what it has below, and its element is named", arguments: [false, true])
    func late(isBelow: Bool) throws {
        let c = ScriptedElement("c", [.request: [.next, isBelow ? .held : .next, .next], .cancel: [.run { instance, _ in
            instance.release(.fail(CATENA_CANCELLED, "stopped"))
            return .next
        }]])
        var options = EngineOptions()
        // Longer than the job's own time, so that it is the job that ends it.
        options.eventTimeout = .seconds(15)
        try Self.firing(below: c, options: options) { bench, b, seen in
            let executor = try #require(seen.executor)
            b.exec(executor, seen.conn) { _ in
                let deadline = isBelow ? bench.clock.now + .seconds(100) : 0
                _ = b.start(seen.conn, .request, from: CATENA_FROM_MY_NEXT, message: bench.bank.make(id: "id"), deadline: deadline)
            }
            bench.run()
            let caller = bench.call(.request)
            _ = bench.journal.take()
            bench.advance(.seconds(29.9))
            #expect(bench.journal.take() == [] && caller.answers.isEmpty)
            bench.advance(.seconds(0.2))
            let ended = isBelow ? ["c.cancel", "b.done CANCELLED"] : []
            #expect(bench.journal.take() == ended + ["a.request", "b.request", "c.request", "c.request_reply", "s.request_reply", "caller OK"])
            #expect(bench.log.lines.contains { $0.contains("chain/b: element misbehaves rule=did not finish a job of the executor: id") })
            #expect(b.start(seen.conn, .request, from: CATENA_FROM_MY_NEXT, message: bench.bank.make(id: "id")) == 0)
        }
    }

    @Test("while a job runs, its element is who a crash would be laid at the door of")
    func blame() throws {
        try Self.firing { bench, b, seen in
            let executor = try #require(seen.executor)
            var site: [String] = []
            b.exec(executor, seen.conn) { job in
                let here = catena_crash_get()
                site = here.site.map { [String(cString: $0.pointee.element), String(cString: $0.pointee.function), String(here.connection)] } ?? []
                executor.pointee.finish(executor.pointee.ctx, job)
            }
            bench.run()
            #expect(site == ["chain/b", "a job", "id"] && catena_crash_get().site == nil)
        }
    }

    @Test("a host that waits for nobody any more does not wait for a job either")
    func aborted() throws {
        try Self.firing { bench, b, seen in
            let executor = try #require(seen.executor)
            b.exec(executor, seen.conn) { _ in }
            bench.run()
            let caller = bench.call(.close)
            bench.engine.abort()
            bench.advance(.seconds(1.1))
            #expect(caller.answer?.code == CATENA_OK && bench.connectionCount == 0)
        }
    }

    @Test("a start that comes when its incarnation is ending is told so, and runs nowhere")
    func outlived() throws {
        let c = ScriptedElement("c", hooks: [.request, .close], [.close: [.held]])
        try Self.firing(below: c) { bench, b, seen in
            let executor = try #require(seen.executor)
            b.exec(executor, seen.conn) { job in
                #expect(executor.pointee.cancel(executor.pointee.ctx, seen.conn) == CATENA_OK)
                executor.pointee.finish(executor.pointee.ctx, job)
                #expect(b.start(seen.conn, .request, from: CATENA_FROM_MY_NEXT, message: bench.bank.make(id: "id")) != 0)
            }
            bench.run()
            #expect(bench.journal.take() == ["b.job", "c.close REMOVED PENDING", "b.done CANCELLED"])
            c.instance.release()
            bench.run()
            #expect(bench.journal.take() == ["b.close REMOVED", "a.close REMOVED", "b.conn_dropped REMOVED"])
        }
    }
}
