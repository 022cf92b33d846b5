// SPDX-License-Identifier: Apache-2.0
// Hooks called by a test come to the element as it asked for them, and what it asks of the host is written down.
internal import CatenaElement
internal import CatenaElementTesting
internal import Testing

private final class Twice: ChainElement, RequestHook, CancelHook {
    struct Waiting: Slot { var tickets: [Ticket] = [] }
    typealias ConnectionSlot = Waiting
    static let descriptor = ElementDescriptor("twice", summary: "answers the first when the second comes", values: [.consumes(.clientURL)])
    private let url: LinkedValue<ClientURL>
    init(config: NoConfig, host: Host) throws(ConfigProblem) { url = try host.linked(.clientURL) }
    func request(_ hop: borrowing Hop<Twice>) -> Verdict {
        hop.connectionSlot.tickets.append(hop.ticket)
        if hop.connectionSlot.tickets.count == 2 { hop.connectionSlot.tickets[0].resume(.fail(.aborted, hop[url].text)) }
        return .pending
    }
    func cancel(_ hop: borrowing Hop<Twice>) { hop.ticket.resume(.done) }
}

@Suite("HookBench")
struct HookBenchTests {
    @Test("a second hook may be called while the first one is pending")
    func second() throws {
        let bench = try HookBench(Twice.self), slot = HookSlot()
        let first = bench.call(TestMessage(id: "id"), number: 1, connection: 9, slot: slot)
        let second = bench.call(TestMessage(id: "id"), number: 2, connection: 9, slot: slot)
        second[.clientURL] = try ClientURL("tcp://a:1")
        #expect(bench.request(first) == .pending && bench.host.answers.isEmpty)
        #expect(bench.request(second) == .pending && bench.host.answers == [.fail(.aborted, "tcp://a:1")])
        bench.cancel(second)
        bench.cancel(second)
        #expect(bench.host.resumed.map(\.call) == [1, 2] && bench.host.answers.last == .done)
        bench.dropConnection(9, slot, why: .caller)
    }

    @Test("what is no module is refused with the file and the remedy")
    func noModule() {
        let error = #expect(throws: BenchError.self) { try ElementSource(file: "/nowhere/libx.so") }
        #expect(error?.description == "/nowhere/libx.so: No such file or directory: build the module first, as `swift build` and `swift test` do")
    }

    @Test("a type that was never built is refused with the file that is missing")
    func notBuilt() {
        let error = #expect(throws: BenchError.self) { try ElementSource(Missing.self, .opened) }
        #expect(error?.description.hasSuffix("/libmissing.so: No such file or directory: build the module first, as `swift build` and `swift test` do") == true)
    }

    @Test("a type of which the kit refuses to make a module is refused with its sentence")
    func kitRefuses() {
        let error = #expect(throws: BenchError.self) { try ElementSource(Absurd.self) }
        #expect(error?.description.contains("\"absurd\" has a sync and an async request hook: choose one") == true)
    }
}

private final class Missing: ChainElement {
    static let descriptor = ElementDescriptor("missing", summary: "was never built")
    init(config: NoConfig, host: Host) {}
}

private final class Absurd: ChainElement, RequestHook, AsyncRequestHook {
    static let descriptor = ElementDescriptor("absurd", summary: "two of one")
    init(config: NoConfig, host: Host) {}
    func request(_ hop: borrowing Hop<Absurd>) -> Verdict { .next }
    func request(_ call: borrowing AsyncCall<Absurd>) async throws -> Resumption { .next }
}
