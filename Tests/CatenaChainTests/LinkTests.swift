// SPDX-License-Identifier: Apache-2.0
// What can be known before a call runs is said before a call runs: every problem, with its element and what to do.

import CatenaABI
import Testing

@testable import CatenaChain

@Suite("Linking")
struct LinkTests {
    private static func problems(_ chains: TestChain...) throws -> [LinkProblem] {
        do {
            let bench = try Bench(chains)
            bench.engine.discard()
            bench.forget()
            return []
        } catch let error as LinkError {
            return error.problems
        }
    }

    private static func user(_ name: String, of chains: String...) -> ScriptedElement {
        let element = ScriptedElement(name)
        element.uses = chains
        return element
    }

    @Test("a second anchor is refused")
    func secondAnchor() throws {
        let found = try Self.problems(.served("chain", .anchor("one"), ScriptedElement("a"), .anchor("two")))
        #expect(found.map(\.element) == [2])
        #expect(found.map(\.message) == ["a chain has one anchor: \"two\" is a second one after \"one\"; remove one of them"])
    }

    @Test("connection slots need an anchor above: in the chain, or above the element that uses the chain")
    func slotWithoutAnchor() throws {
        let slotted = { (name: String) in
            let element = ScriptedElement(name)
            element.connSlot = 8
            return element
        }
        let alone = try Self.problems(.served("chain", slotted("b"), .anchor()))
        #expect(alone.map(\.element) == [0])
        #expect(
            alone.map(\.message) == [
                "\"b\" keeps something for each connection, and there is no anchor above it in the chain \"chain\": put an element such as \"serialize\" there",
            ])
        let used = try Self.problems(.served("chain", Self.user("c", of: "client"), .anchor()), .client("client", slotted("h")))
        #expect(used.map { "\($0.chain)/\($0.element ?? -1)" } == ["chain/0", "client/0"])
        #expect(used[1].message.contains("in the chain \"client\" or above \"chain/c\", which uses it"))
        #expect(try Self.problems(.served("chain", .anchor(), Self.user("c", of: "client")), .client("client", slotted("h"))) == [])
    }

    @Test("a chain that is used must be there, be a client chain, and not use itself")
    func uses() throws {
        let unknown = try Self.problems(.served("chain", .anchor(), Self.user("c", of: "clinet")), .client("client"))
        #expect(unknown.map(\.message) == ["there is no chain \"clinet\": client chains are \"client\""])
        #expect(unknown.map(\.pointer) == ["/uses/0"])
        let none = try Self.problems(.served("chain", .anchor(), Self.user("c", of: "client")))
        #expect(none.map(\.message) == ["there is no chain \"client\": there is no client chain (one without \"listen\")"])
        let served = try Self.problems(.served("chain", .anchor(), Self.user("c", of: "other")), .served("other"))
        #expect(served.map(\.message) == ["the chain \"other\" is served: a client chain has no \"listen\""])
        let cycle = try Self.problems(
            .served("chain", .anchor(), Self.user("c", of: "one")), .client("one", Self.user("d", of: "two")), .client("two", Self.user("e", of: "one")))
        #expect(cycle.map(\.message) == ["the chain \"two\" uses itself: one -> two -> one", "the chain \"one\" uses itself: two -> one -> two"])
    }

    @Test("what validate reports is kept with its pointer; a warning does not keep a chain from being linked")
    func validate() throws {
        let a = ScriptedElement("a")
        a.problems = [(CATENA_SEVERITY_WARNING, "/old", "is not used any more"), (CATENA_SEVERITY_ERROR, "/url", "is no URL")]
        #expect(
            try Self.problems(.served("chain", ScriptedElement("z"), a)) == [
                LinkProblem(severity: .warning, chain: "chain", element: 1, pointer: "/old", message: "is not used any more"),
                LinkProblem(severity: .error, chain: "chain", element: 1, pointer: "/url", message: "is no URL"),
            ])
        a.problems.removeLast()
        try Bench.with(.served("chain", a)) { bench in
            #expect(bench.engine.warnings.map(\.message) == ["is not used any more"])
        }
    }

    @Test("when one element cannot be created, all those that were are destroyed")
    func createFails() throws {
        let a = ScriptedElement("a", hooks: [.destroy])
        let b = ScriptedElement("b", hooks: [.destroy])
        let c = ScriptedElement("c", hooks: [.destroy])
        b.createFailure = (CATENA_UNKNOWN, "no memory")
        let chains = [TestChain.served("chain", a, b, c)]
        let error = #expect(throws: LinkError.self) { try Bench(chains) }
        #expect(error?.problems.map(\.message) == ["no memory"])
        #expect(a.journal.lines == ["c.destroy", "a.destroy"])
        for element in [a, b, c] { element.forget() }
    }

    @Test("elements start and stop tail to head, client chains before those who use them, and are destroyed in the end")
    func life() throws {
        let life: Set<Hook> = [.start, .stop, .destroy]
        let c = Self.user("c", of: "client")
        c.hooks = life
        let bench = try Bench([
            .served("chain", ScriptedElement("a", hooks: life), .anchor(), c), .client("client", ScriptedElement("h", hooks: life)),
        ])
        bench.engine.start { #expect($0 == nil) }
        #expect(bench.journal.take() == ["h.start", "c.start", "a.start"])
        bench.end(#_sourceLocation)
        #expect(bench.journal.take() == ["h.stop", "c.stop", "a.stop", "h.destroy", "c.destroy", "a.destroy"])
    }

    @Test("a failed start stops those that had started")
    func startFails() throws {
        let life: Set<Hook> = [.start, .stop, .destroy]
        let bench = try Bench([
            .served("chain", ScriptedElement("a", hooks: life), ScriptedElement("b", hooks: life, [.start: [.fail(CATENA_UNAVAILABLE, "port taken")]]), ScriptedElement("c", hooks: life), ScriptedElement("d", hooks: life)),
        ])
        bench.engine.start { #expect($0?.description == "chain/b: port taken") }
        #expect(bench.journal.take() == ["d.start", "c.start", "b.start FAIL", "c.stop", "d.stop"])
        bench.engine.discard()
        #expect(bench.journal.take() == ["d.destroy", "c.destroy", "b.destroy", "a.destroy"])
        bench.forget()
    }

    @Test("stop lets go of open connections with STOPPING, and says nothing to the next hop")
    func stopDrops() throws {
        let c = ScriptedElement.connector()
        c.hooks.insert(.connDropped)
        let h = ScriptedElement("h", hooks: [.connDropped, .close])
        h.connSlot = 8
        let bench = try Bench([.served("chain", .anchor(), c), .client("client", h)])
        bench.open()
        bench.end(#_sourceLocation)
        #expect(bench.journal.take() == ["h.conn_dropped STOPPING", "next closed", "c.conn_dropped STOPPING"])
    }

    @Test("stop waits for an event that is under way")
    func stopWaits() throws {
        let b = ScriptedElement("b", hooks: [.request, .stop, .connDropped], [.request: [.next, .held]])
        b.connSlot = 8
        let bench = try Bench([.served("chain", .anchor(), b)])
        bench.open()
        #expect(b.instance.start(bench.engine.served[0].connections.all()[0].number, .request) != 0)
        bench.engine.stop {}
        bench.run()
        #expect(bench.journal.take() == ["s.request", "b.request PENDING"])
        b.instance.release()
        bench.run()
        #expect(bench.journal.take() == ["s.request_reply", "b.done OK new", "b.conn_dropped STOPPING", "b.stop"])
        #expect(bench.bank.alive == 0)
        bench.forget()
    }

    @Test("one use of a client chain is an instance of its own")
    func instances() throws {
        let h = ScriptedElement("h")
        try Bench.with(.served("chain", .anchor(), Self.user("c", of: "client", "client"), Self.user("d", of: "client")), .client("client", h)) { bench in
            #expect(h.instances.map(\.path) == ["chain/c/h", "chain/c/h", "chain/d/h"])
            #expect(bench.engine.status().chains.map(\.path) == ["chain", "chain/c", "chain/c", "chain/d"])
            #expect(bench.engine.status().chains.map(\.connections) == [0, nil, nil, nil])
        }
    }
}
