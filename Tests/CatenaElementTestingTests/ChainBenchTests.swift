// SPDX-License-Identifier: Apache-2.0
// A bench is believed by everybody who uses it: so it has to show what is wrong, too. Each kind of leftover is made once and
// found; each neighbour does what its script says.
internal import CatenaABI
internal import CatenaElement
internal import CatenaElementTesting
internal import Synchronization
internal import Testing

@Suite("ChainBench")
struct ChainBenchTests {
    private let above = Neighbour("above")
    private let below = Neighbour("below")

    @Test("every hook of every element is seen, in the order of the calls")
    func journal() async throws {
        try await ChainBench.run([.neighbour(above), .anchor, .element(Plain.self), .neighbour(below)]) { bench in
            #expect(bench.request().isGood)
            #expect(bench.takeJournal() == ["above request", "plain request", "below request", "below request-reply", "above request-reply"])
            below.inject(.unavailable, at: .request)
            #expect(bench.request().code == .unavailable)
            #expect(bench.takeJournal() == ["above request", "plain request", "below request FAIL", "above request-reply UNAVAILABLE"])
            #expect(bench.close().isGood)
            #expect(bench.journal == ["above close", "below close", "below close-reply", "above close-reply"])
        }
    }

    @Test("an injected error comes as often as asked, and rollback undoes what was entered")
    func inject() async throws {
        let deepest = Neighbour("deepest")
        deepest.inject(.notFound, "no such thing", at: .request, times: 2)
        try await ChainBench.run([.anchor, .neighbour(below), .neighbour(deepest)]) { bench in
            #expect([bench.request(), bench.request(), bench.request()].map(\.code) == [.notFound, .notFound, nil])
            #expect(below.count(.close) == 2 && below.sights(.close).allSatisfy { $0.reason == .rollback })
            #expect(below.sights(.requestReply).map { $0.below?.text } == ["no such thing", "no such thing", nil])
        }
    }

    @Test("a neighbour that may say AGAIN does, and those below see the attempts")
    func again() async throws {
        let again = Neighbour("again", traits: .again)
        again.script(.requestReply, .again, .next)
        below.inject(.unavailable, at: .request)
        try await ChainBench.run([.anchor, .neighbour(again), .neighbour(below)]) { bench in
            #expect(bench.request().isGood && below.sights(.request).map(\.attempt) == [1, 2])
        }
    }

    @Test("a hook is held until told, and an answer comes late on the bench's clock only")
    func time() async throws {
        below.script(.request, .hold, .after(.seconds(5), .next), .resumeInside(.done), .next)
        try await ChainBench.run([.neighbour(below)]) { bench in
            let held = bench.request()
            #expect(!held.isAnswered && below.heldCount == 1 && below.sights(.request)[0].isOwed)
            #expect(below.resume() && !below.resume())
            bench.run()
            #expect(held.isGood && !below.sights(.request)[0].isOwed)
            let late = bench.request()
            bench.advance(by: .milliseconds(4999))
            #expect(!late.isAnswered)
            bench.advance(by: .milliseconds(1))
            #expect(late.isGood && bench.request().isGood)
        }
    }

    @Test("a caller's deadline is told at its time, and a caller may leave")
    func deadline() async throws {
        below.script(.request, .hold)
        try await ChainBench.run([.neighbour(below)]) { bench in
            let timed = bench.request(deadline: .seconds(2)), leaving = bench.request("other")
            bench.leave(leaving)
            #expect(leaving.code == .cancelled && !timed.isAnswered)
            bench.advance(by: .seconds(2))
            #expect(timed.code == .deadlineExceeded)
        }
    }

    @Test("timers of the element under test are seen until they fire, are cancelled, or their connection ends")
    func timers() async throws {
        try await ChainBench.run([.anchor, .element(Ticking.self)]) { bench in
            bench.request("a")
            bench.advance(by: .seconds(1))
            bench.request("b")
            #expect(bench.timers == [.seconds(4), .seconds(5)])
            bench.close("b")
            #expect(bench.timers == [.seconds(4)])
            bench.advance(by: .seconds(4))
            #expect(bench.timers.isEmpty && bench.logLines.map(\.description) == ["info bench/ticking: tick"])
        }
    }

    @Test("caller, metadata and context values are what the test says")
    func caller() async throws {
        let key = ContextKey<Number>("test.number")
        let provider = Neighbour("provider", values: [.provides(key, Number(value: 7))])
        let reader = Neighbour("reader", values: [.consumes(key)])
        try await ChainBench.run([.neighbour(provider), .element(Asking.self), .neighbour(reader)]) { bench in
            let call = bench.request(metadata: ["token": ["a", "b"]], peer: "10.0.0.1:5")
            #expect(call.message?[label: "peer"] == "10.0.0.1:5" && call.message?[label: "token"] == "a+b")
            #expect(reader.sights(.request)[0].value(key)?.value == 7)
        }
    }

    @Test("an async hook is waited for")
    func async() async throws {
        try await ChainBench.run([.anchor, .element(Patient.self), .neighbour(below)]) { bench in
            let call = bench.request()
            #expect(await bench.answer(to: call).isGood && below.count(.request) == 1)
        }
    }

    @Test("what a wrong config is told is told to the test, with the instance")
    func wrongConfig() async {
        let error = await #expect(throws: BenchError.self) {
            try await ChainBench.run([.element(Plain.self, config: ["nope": [1, true, "x"]], name: "mine")]) { _ in }
        }
        let told = "unknown key \"nope\": there are no keys here but notes that begin with \"x-\""
        #expect(error?.problems == [ConfigProblem(at: "/nope", told)])
        #expect(error?.description == "bench/mine: /nope: \(told)")
    }

    @Test("a connection slot with no anchor above it is refused as the host refuses it")
    func noAnchor() async {
        let error = await #expect(throws: BenchError.self) { try await ChainBench.run([.element(Ticking.self)]) { _ in } }
        #expect(error?.element == "bench/ticking")
    }

    @Test("an element that cannot start ends the bench with its error")
    func start() async {
        let error = await #expect(throws: BenchError.self) { try await ChainBench.run([.element(Broken.self)]) { _ in } }
        #expect(error?.description == "bench/broken: DATA_LOSS: no disk")
    }

    // MARK: Leftovers

    private func leftovers(_ elements: [BenchElement], _ body: (ChainBench) throws -> Void) async -> [String] {
        do {
            try await ChainBench.run(elements) { bench in try body(bench) }
            return []
        } catch {
            return (error as? Leftovers)?.lines ?? ["\(error)"]
        }
    }

    @Test("a message that an element keeps is found, with its id")
    func keptMessage() async throws {
        let lines = await leftovers([.anchor, .element(Keeping.self)]) { $0.request("id-7") }
        #expect(lines == ["messages that were never released: \"id-7\""])
    }

    @Test("a message that is given back twice is found, and does no harm")
    func twice() async throws {
        let lines = await leftovers([.element(try ElementSource(entry: releasesTwice))]) { bench in #expect(bench.request().isGood) }
        #expect(lines == ["messages that were released twice: 1"])
    }

    @Test("a transport that an element keeps is found, with its URL")
    func keptTransport() async {
        let lines = await leftovers([.element(Hoarding.self)]) { bench in #expect(bench.request().isGood) }
        #expect(lines == ["the transport to tcp://a:1 is not released"])
    }

    @Test("a call without an answer is found, with the hook that owes it")
    func unanswered() async {
        below.script(.request, .hold)
        let lines = await leftovers([.anchor, .neighbour(below)]) { $0.request("id-1") }
        #expect(lines == ["a Request of \"id-1\" has no answer", "bench/below owes the answer of its request hook for \"id-1\""])
    }

    @Test("a bench that is over is gone itself")
    func gone() async throws {
        weak var seen: ChainBench?
        try await ChainBench.run([.neighbour(above), .anchor, .element(Ticking.self), .neighbour(below)]) { bench in
            seen = bench
            #expect(bench.request().isGood)
        }
        #expect(seen == nil)
    }

    @Test("what the body throws comes before what it has left")
    func bodyFirst() async {
        struct Mine: Error {}
        below.script(.request, .hold)
        await #expect(throws: Mine.self) {
            try await ChainBench.run([.neighbour(below)]) { bench in
                bench.request()
                throw Mine()
            }
        }
    }
}

// MARK: Elements

private final class Plain: ChainElement, RequestHook {
    static let descriptor = ElementDescriptor("plain", summary: "only forwards")
    init(config: NoConfig, host: Host) {}
    func request(_ hop: borrowing Hop<Plain>) -> Verdict { .next }
}

private final class Ticking: ChainElement, RequestHook {
    struct State: Slot { var timer: SlotTimer? }
    typealias ConnectionSlot = State
    static let descriptor = ElementDescriptor("ticking", summary: "one tick")
    private let host: Host
    init(config: NoConfig, host: Host) { self.host = host }
    func request(_ hop: borrowing Hop<Ticking>) -> Verdict {
        let log = host.log
        hop.connectionSlot.timer = hop.home?.after(.seconds(5)) { slot in
            log.write(.info, "tick", [])
            slot.timer = nil
        }
        return .next
    }
}

private struct Number: ContextValue { var value: UInt64 }

private final class Asking: ChainElement, RequestHook {
    static let descriptor = ElementDescriptor("asking", summary: "labels with what it knows of the caller")
    init(config: NoConfig, host: Host) {}
    func request(_ hop: borrowing Hop<Asking>) -> Verdict {
        hop.message[label: "peer"] = hop.peer ?? "none"
        hop.message[label: "token"] = hop.metadata("token").joined(separator: "+")
        return .next
    }
}

private final class Patient: ChainElement, AsyncRequestHook {
    static let descriptor = ElementDescriptor("patient", summary: "waits")
    init(config: NoConfig, host: Host) {}
    func request(_ call: borrowing AsyncCall<Patient>) async throws -> Resumption {
        await Task.yield()
        return .next
    }
}

private final class Broken: ChainElement, StartHook {
    static let descriptor = ElementDescriptor("broken", summary: "does not start")
    init(config: NoConfig, host: Host) {}
    func start() async throws(ElementError) { throw ElementError(.dataLoss, "no disk") }
}

/// Keeps a copy of a message for ever, as a global would.
private final class Keeping: ChainElement, RequestHook {
    static let descriptor = ElementDescriptor("keeping", summary: "keeps")
    private let host: Host
    init(config: NoConfig, host: Host) { self.host = host }
    func request(_ hop: borrowing Hop<Keeping>) -> Verdict {
        _ = messages(host.pointer)?.pointee.clone(hop.pointer.pointee.message)
        return .next
    }
}

/// Takes a reference to a transport and never gives it back.
private final class Hoarding: ChainElement, RequestHook {
    static let descriptor = ElementDescriptor("hoarding", summary: "takes")
    private let host: Host
    init(config: NoConfig, host: Host) { self.host = host }
    func request(_ hop: borrowing Hop<Hoarding>) -> Verdict {
        let clients = host.pointer.pointee.service(host.pointer, "client/1")?.assumingMemoryBound(to: catena_client_api.self)
        var transport: catena_transport = 0
        let url: StaticString = "tcp://a:1"
        let text = catena_str(ptr: UnsafeRawPointer(url.utf8Start).assumingMemoryBound(to: CChar.self), len: url.utf8CodeUnitCount)
        return clients?.pointee.acquire(host.pointer, text, nil, &transport) == CATENA_OK ? .next : .done
    }
}

private func messages(_ host: UnsafePointer<catena_host>) -> UnsafePointer<catena_message_api>? {
    host.pointee.service(host, "message/1")?.assumingMemoryBound(to: catena_message_api.self)
}

/// A module as one in C would be: its type takes a copy and gives it back twice.
private let releasesTwice: ModuleEntry = { _, _, _ in TwiceModule.table }

private typealias ModuleEntry = @convention(c) (
    UnsafePointer<catena_offer>?, UnsafeMutablePointer<CChar>?, Int
) -> UnsafePointer<catena_module>?

private enum TwiceModule {
    nonisolated(unsafe) static let table: UnsafePointer<catena_module> = {
        var type = catena_type()
        type.struct_size = UInt32(MemoryLayout<catena_type>.size)
        type.id = text("twice")
        type.create = { _, host, _, _, _, me, _ in
            me?.pointee = UnsafeMutableRawPointer(mutating: host)
            return CATENA_OK
        }
        type.request = { me, hop in
            guard let me, let hop, let api = messages(UnsafePointer(me.assumingMemoryBound(to: catena_host.self))) else { return CATENA_FAIL }
            let copy = api.pointee.clone(hop.pointee.message)
            api.pointee.release(copy)
            api.pointee.release(copy)
            return CATENA_NEXT
        }
        var module = catena_module()
        module.struct_size = UInt32(MemoryLayout<catena_module>.size)
        module.n_types = 1
        module.types = forever(Optional(forever(type)))
        module.name = text("twice")
        return forever(module)
    }()

    private static func text(_ literal: StaticString) -> catena_str {
        catena_str(ptr: UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self), len: literal.utf8CodeUnitCount)
    }

    private static func forever<T>(_ value: T) -> UnsafePointer<T> {
        let memory = UnsafeMutablePointer<T>.allocate(capacity: 1)
        memory.initialize(to: value)
        return UnsafePointer(memory)
    }
}
