// SPDX-License-Identifier: Apache-2.0
// The law of context values: one typed place for each key, found when the chain is linked and never looked up.

import CatenaABI
import Testing

@testable import CatenaChain

@Suite("Context values")
struct ValueTests {
    private static func element(_ name: String, _ flags: UInt32, key: String = "k", size: UInt32 = 8, align: UInt32 = 8, _ scripts: [Hook: [Act]] = [:]) -> ScriptedElement {
        let element = ScriptedElement(name, hooks: [], scripts)
        element.values = [.init(key: key, flags: flags, size: size, align: align)]
        return element
    }

    private static func write(_ value: UInt64) -> [Hook: [Act]] {
        [.request: [.run { instance, hop in
            instance.value(0, hop).pointee = value
            return .next
        }]]
    }

    private static func show(_ hook: Hook = .request) -> [Hook: [Act]] {
        [hook: [.run { instance, hop in
            instance.record("\(instance.name)=\(instance.value(0, hop).pointee)")
            return .next
        }]]
    }

    private static func problems(_ chains: TestChain...) -> [String] {
        do {
            let bench = try Bench(chains)
            bench.engine.discard()
            bench.forget()
            return []
        } catch let error as LinkError {
            return error.problems.map { "\($0.chain)/\($0.element ?? -1): \($0.message)" }
        } catch {
            return ["\(error)"]
        }
    }

    @Test("what is written above is read below, the last written wins, and every call begins with zero")
    func down() throws {
        let reader = Self.element("reader", CATENA_VALUE_CONSUMES, Self.show())
        let early = Self.element("early", CATENA_VALUE_CONSUMES | CATENA_VALUE_OPTIONAL, Self.show())
        try Bench.with(
            .served("chain", early, Self.element("one", CATENA_VALUE_PROVIDES, Self.write(1)), Self.element("two", CATENA_VALUE_PROVIDES, Self.write(2)), reader)
        ) { bench in
            bench.call(.request)
            bench.call(.request)
            #expect(bench.journal.lines.filter { $0.contains("=") } == ["early=0", "reader=2", "early=0", "reader=2"])
        }
    }

    @Test("a required consumer without a provider before it is refused, with both names and what to do")
    func missing() {
        let consumer = { Self.element("connect", CATENA_VALUE_CONSUMES, key: CATENA_KEY_CLIENT_URL) }
        #expect(
            Self.problems(.served("chain", consumer())) == [
                "chain/0: \"connect\" needs the context value \"catena.clienturl\", which no element before it provides: put an element such as \"clienturl\" before it",
            ])
        #expect(
            Self.problems(.served("chain", consumer(), Self.element("clienturl", CATENA_VALUE_PROVIDES, key: CATENA_KEY_CLIENT_URL))) == [
                "chain/0: \"connect\" needs the context value \"catena.clienturl\", which no element before it provides; \"chain/clienturl\" provides it, but stands on the wrong side: put an element such as \"clienturl\" before it",
            ])
        #expect(
            Self.problems(.served("chain", Self.element("a", CATENA_VALUE_CONSUMES | CATENA_VALUE_UP))) == [
                "chain/0: \"a\" needs the context value \"k\", which no element after it provides",
            ])
    }

    @Test("one key has one size: both elements are named")
    func size() {
        #expect(
            Self.problems(.served("chain", Self.element("a", CATENA_VALUE_PROVIDES, size: 8), Self.element("b", CATENA_VALUE_CONSUMES, size: 16))) == [
                "chain/1: the context value \"k\" has 16 bytes in \"chain/b\" and 8 in \"chain/a\": rebuild the older module",
            ])
    }

    @Test("places are aligned and do not overlap")
    func layout() throws {
        var layout = ValueLayout()
        var places: [(Int, UInt32)] = []
        for (index, (size, align)) in [(1, 1), (2, 2), (24, 16), (3, 1), (8, 8), (252, 4)].enumerated() {
            var declared = catena_value_decl()
            declared.struct_size = UInt32(MemoryLayout<catena_value_decl>.size)
            (declared.size, declared.align, declared.flags) = (UInt32(size), UInt32(align), CATENA_VALUE_PROVIDES)
            let declaration = try catena_str.with("k\(index)") { key in
                declared.key = key
                return try ValueDeclaration(checking: declared, of: "t")
            }
            let found = layout.place(declaration, owner: "t")
            let place = try #require(found)
            #expect(place % align == 0)
            #expect(place >= (places.last.map { $0.0 + Int($0.1) } ?? 0))
            let again = layout.place(declaration, owner: "other")
            #expect(again == place)
            places.append((place, UInt32(size)))
        }
        #expect(layout.size % 16 == 0)
    }

    @Test("up values are written below and read above on the way out")
    func up() throws {
        let a = Self.element("a", CATENA_VALUE_CONSUMES | CATENA_VALUE_UP, Self.show(.requestReply))
        let b = Self.element("b", CATENA_VALUE_PROVIDES | CATENA_VALUE_UP, Self.write(5))
        try Bench.with(.served("chain", a, .anchor(), b)) { bench in
            bench.call(.request)
            #expect(bench.journal.lines.contains("a=5"))
        }
    }

    @Test("a client chain inherits the values of the element that uses it, and hands up values back to it")
    func clientChain() throws {
        let down = Self.element("down", CATENA_VALUE_CONSUMES, Self.show())
        let up = Self.element("up", CATENA_VALUE_PROVIDES | CATENA_VALUE_UP, key: "u", Self.write(8))
        let reader = Self.element("reader", CATENA_VALUE_CONSUMES | CATENA_VALUE_UP, key: "u", Self.show(.requestReply))
        try Bench.with(
            .served("chain", reader, .anchor(), Self.element("writer", CATENA_VALUE_PROVIDES, Self.write(3)), .connector()),
            .client("client", down, up)
        ) { bench in
            bench.call(.request)
            #expect(bench.journal.lines.filter { $0.contains("=") } == ["down=3", "reader=8"])
        }
    }

    @Test("kept values are as at the last good Request when an event begins; others are zero", arguments: [true, false])
    func kept(isKept: Bool) throws {
        let writer = Self.element("writer", CATENA_VALUE_PROVIDES | (isKept ? CATENA_VALUE_KEPT : 0), [.request: [.run { instance, hop in
            instance.value(0, hop).pointee = 4
            return .next
        }]])
        let reader = Self.element("reader", CATENA_VALUE_CONSUMES | CATENA_VALUE_OPTIONAL, Self.show())
        try Bench.with(.served("chain", writer, .anchor(), reader)) { bench in
            bench.open()
            let conn = try #require(bench.engine.served[0].connections.all().first).number
            #expect(reader.instance.start(conn, .request) != 0)
            bench.run()
            #expect(bench.journal.lines.filter { $0.contains("=") } == ["reader=\(isKept ? 4 : 0)"])
        }
    }

    @Test("each connection keeps values of its own, also where those before it had the same, with zeros anywhere and of another chain")
    func keptByMany() throws {
        let values: [UInt64] = [7, 7, 0, 1 << 56, 0x0100_0000_0001, 7]
        let shows = values.flatMap { _ in Self.show()[.request, default: []] }
        let chain = { (values: [UInt64]) in
            let acts = values.map { value in Act.run { instance, hop in
                instance.value(0, hop).pointee = value
                return .next
            } }
            return (
                Self.element("writer", CATENA_VALUE_PROVIDES | CATENA_VALUE_KEPT, [.request: acts]),
                Self.element("reader", CATENA_VALUE_CONSUMES | CATENA_VALUE_OPTIONAL, [.request: values.map { _ in .next } + shows])
            )
        }
        // The first connection is refreshed at last, with another value.
        let (writer, reader) = chain(values + [9]), (other, _) = chain([7])
        try Bench.with(.served("chain", writer, .anchor(), reader), .served("two", other, .anchor())) { bench in
            for place in values.indices { bench.call(.request, "\(place)") }
            bench.call(.request, "0", on: "two")
            bench.call(.request, "0")
            for (place, value) in ([9] + values.dropFirst()).enumerated() {
                let conn = try #require(bench.engine.served[0].connections.all().first { $0.idText == "\(place)" }).number
                #expect(reader.instance.start(conn, .request) != 0)
                bench.run()
                #expect(bench.journal.lines.last { $0.contains("=") } == "reader=\(value)")
            }
        }
    }
}
