// SPDX-License-Identifier: Apache-2.0
// The handshake, and what stands in the module's table. A refusal is a sentence, as people read it.
internal import CatenaABI
internal import CatenaElement
internal import CatenaElementTesting
internal import Testing

private final class First: ChainElement {
    static let descriptor = ElementDescriptor(
        "first", summary: "one", values: [.provides(.clientURL, kept: true), .consumes(ContextKey<ClientURL>("x"), optional: true)])
    init(config: NoConfig, host: Host) throws(ConfigProblem) {
        _ = try host.linked(ContextKey<ClientURL>("undeclared"))
    }
}

private final class Second: ChainElement, CloseHook {
    static let descriptor = ElementDescriptor("second", summary: "two", traits: [.guard, .needsAnchor])
    init(config: NoConfig, host: Host) {}
    func close(_ hop: borrowing Hop<Second>) -> Verdict { .next }
}

func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

@Suite("Module")
struct ModuleTests {
    private func answer(_ oldest: UInt32, _ newest: UInt32, size: Int = 200) -> (UnsafePointer<catena_module>?, String) {
        var offer = catena_offer(struct_size: 16, minor_min: oldest, minor_max: newest, reserved: 0)
        var why = [CChar](repeating: 0, count: 200)
        return (Module("two", version: "1.2.3", types: [First.self, Second.self]).answer(&offer, &why, size), text(why))
    }

    @Test("a host of our minor gets the table")
    func table() throws {
        let module = try #require(answer(0, 3).0).pointee
        #expect(module.struct_size == MemoryLayout<catena_module>.size && module.n_types == 2 && module.abi_minor == 0)
        let first = try #require(module.types[0]).pointee, second = try #require(module.types[1]).pointee
        #expect(first.struct_size == MemoryLayout<catena_type>.size && first.n_values == 2)
        #expect(first.values[0].flags == CATENA_VALUE_PROVIDES | CATENA_VALUE_KEPT && first.values[0].size == 256 && first.values[0].align == 4)
        #expect(first.values[1].flags == CATENA_VALUE_CONSUMES | CATENA_VALUE_OPTIONAL)
        #expect(second.flags == CATENA_TYPE_GUARD | CATENA_TYPE_NEEDS_ANCHOR)
        var services: [String] = []
        while let id = module.services[services.count] { services.append(String(cString: id)) }
        #expect(services == ["log/1", "call/1", "message/1", "connection/1", "timer/1", "client/1", "chain/1", "watch/1"])
    }

    @Test("a host of other minors gets a sentence with both versions and the remedy")
    func refusal() {
        #expect(answer(1, 3).1 == "two speaks catena 1.0, this host 1.1 to 1.3: rebuild the module with a newer kit")
        #expect(answer(2, 2).1 == "two speaks catena 1.0, this host 1.2: rebuild the module with a newer kit")
        #expect(answer(1, 1).0 == nil)
    }

    @Test("a sentence is cut to the room there is", arguments: [(0, ""), (1, ""), (4, "two")])
    func room(size: Int, expected: String) {
        #expect(answer(1, 1, size: size).1 == expected)
    }

    @Test("a value that was not declared cannot be linked")
    func undeclared() {
        #expect(throws: ConfigProblem(at: "", "the element's descriptor does not declare the context value \"undeclared\"")) {
            try HookBench(First.self)
        }
    }

    @Test("a service that the host lacks is a problem of create")
    func service() {
        let host = RecordingHost()
        host.missing = ["chain/1"]
        #expect(throws: ConfigProblem(at: "", "the host offers no \"chain/1\"")) { try HookBench(Second.self, host: host) }
    }
}
