// SPDX-License-Identifier: Apache-2.0
// What an anchor may do to the Request below, how long events may take, and the id of a connection that is over.

import CatenaABI
import Testing

@testable import CatenaChain

@Suite("Abort")
struct AbortTests {
    private static func abort(_ s: ScriptedInstance, _ conn: catena_conn) -> catena_status {
        ScriptedInstance.withError(CATENA_ABORTED, "the connection is being closed: id") { s.anchors.abort(s.host, conn, $0) }
    }

    @Test("the Request below that an element began ends with the anchor's reason, at the next element that would be entered; one of a caller runs on", arguments: [false, true])
    func abort(isEvent: Bool) throws {
        let b = ScriptedElement("b", [.request: [.next, .held], .cancel: [.run { instance, _ in
            instance.release()
            return .next
        }]])
        let s = ScriptedElement.anchor()
        try Bench.with(.served("chain", s, b, ScriptedElement("c", hooks: [.request]))) { bench in
            bench.open()
            let conn = try #require(bench.engine.served[0].connections.all().first).number
            if isEvent { _ = b.instance.start(conn, .request) } else { bench.call(.request) }
            bench.run()
            _ = bench.journal.take()
            bench.loops[0].enter { #expect(Self.abort(s.instance, conn) == (isEvent ? CATENA_OK : CATENA_GONE)) }
            bench.run()
            if isEvent {
                #expect(bench.journal.take() == ["b.cancel", "b.request_reply ABORTED", "s.request_reply ABORTED", "b.done ABORTED"])
            } else {
                #expect(bench.journal.take() == [])
                b.instance.release()
                bench.run()
            }
            bench.loops[0].enter { #expect(Self.abort(s.instance, conn) == CATENA_GONE) }
            #expect(bench.connectionCount == 1)
        }
    }

    @Test("an event that has waited has all of its time below the anchor", arguments: [Verb.request, .close])
    func fresh(verb: Verb) throws {
        let b = ScriptedElement("b", hooks: [.request, .close], [.request: [.next, .held]])
        try Bench.with(.served("chain", .anchor(), b)) { bench in
            bench.open()
            let conn = try #require(bench.engine.served[0].connections.all().first).number
            bench.call(.request)
            _ = b.instance.start(conn, verb)
            bench.advance(.seconds(10))
            var left: UInt64 = 0
            let look: Act = .run { _, hop in
                left = hop.deadline_ns - bench.clock.now
                return .next
            }
            b.set(.request, look)
            b.set(.close, look)
            b.instance.release()
            bench.run()
            #expect(left == (verb == .request ? .seconds(15) : .seconds(30)))
        }
    }

    @Test("an event with a deadline of its own keeps it")
    func own() throws {
        var deadline: UInt64 = 0
        let b = ScriptedElement("b", hooks: [.request])
        try Bench.with(.served("chain", .anchor(), b)) { bench in
            bench.open()
            b.set(.request, .run { _, hop in
                deadline = hop.deadline_ns
                return .next
            })
            _ = b.instance.start(try #require(bench.engine.served[0].connections.all().first).number, .request, deadline: .seconds(4))
            bench.run()
            #expect(deadline == .seconds(4))
        }
    }

    @Test("the id of a connection is known while it lives and for some time after, not for ever")
    func id() throws {
        let b = ScriptedElement("b", hooks: [])
        try Bench.with(.served("chain", .anchor(), b)) { bench in
            func id(_ conn: catena_conn) -> String? {
                var bytes: [UInt8] = []
                let status = withUnsafeMutablePointer(to: &bytes) { bytes in
                    var writer = catena_writer()
                    writer.ctx = UnsafeMutableRawPointer(bytes)
                    writer.put = { context, view in
                        context?.assumingMemoryBound(to: [UInt8].self).pointee.append(contentsOf: UnsafeBufferPointer(start: view.ptr, count: view.len))
                    }
                    return b.instance.connections.id(b.instance.host, conn, &writer)
                }
                return status == CATENA_OK ? String(decoding: bytes, as: UTF8.self) : nil
            }
            bench.open("first")
            let conn = try #require(bench.engine.served[0].connections.all().first).number
            #expect(id(conn) == "first" && id(999) == nil)
            bench.call(.close, "first")
            #expect(id(conn) == "first")
            for _ in 0..<2000 {
                bench.call(.request, "next")
                bench.call(.close, "next")
            }
            #expect(id(conn) == nil)
        }
    }

    @Test("the anchor of a chain that begins its own connections is on the client side; a used one is inert")
    func sides() throws {
        let own = ScriptedElement.anchor("own"), inner = ScriptedElement.anchor("inner")
        let user = ScriptedElement("user", hooks: [])
        user.uses = ["client"]
        try Bench.with(
            TestChain(name: "opened", role: .opened, elements: [own, user]), .client("client", inner, ScriptedElement("c"))
        ) { bench in
            #expect(own.instance.anchors.side(own.instance.host) == CATENA_SIDE_CLIENT)
            #expect(inner.instance.anchors.side(inner.instance.host) == CATENA_SIDE_INERT)
            #expect(bench.call(.request, on: "opened").answer?.code == CATENA_OK)
            #expect(bench.call(.request, on: "opened").answer?.code == CATENA_OK)
            #expect(bench.connectionCount == 1)
        }
        user.uses = ["opened"]
        #expect(throws: LinkError.self) {
            _ = try Bench([TestChain(name: "opened", role: .opened, elements: [.anchor(), ScriptedElement("x")]), .served("chain", .anchor(), user)])
        }
    }
}
