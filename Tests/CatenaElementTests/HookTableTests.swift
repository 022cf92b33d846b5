// SPDX-License-Identifier: Apache-2.0
// The promise of the kit to authors: the protocols a class conforms to are the hooks it has, and what its hooks say
// reaches the host unchanged.
internal import CatenaABI
internal import CatenaElement
internal import CatenaElementTesting
internal import Testing

private final class Bare: ChainElement {
    static let descriptor = ElementDescriptor("bare", summary: "no hook")
    init(config: NoConfig, host: Host) {}
}

private final class OnlyReply: ChainElement, RequestReplyHook {
    static let descriptor = ElementDescriptor("only-reply", summary: "one hook", traits: [.again])
    init(config: NoConfig, host: Host) {}
    func requestReply(_ hop: borrowing Hop<OnlyReply>, below: borrowing Outcome) -> Verdict {
        guard let error = below.error else { return below.failed ? .done : .again }
        var passed = error
        passed.text = "seen: " + error.text
        return .fail(passed)
    }
}

private final class Failing: ChainElement, RequestHook, CloseHook {
    static let descriptor = ElementDescriptor("failing", summary: "fails")
    init(config: NoConfig, host: Host) {}
    func request(_ hop: borrowing Hop<Failing>) -> Verdict {
        .fail(ElementError(.aborted, "outer", cause: ElementError(.notFound, "inner")))
    }
    func close(_ hop: borrowing Hop<Failing>) -> Verdict { hop.isKnown ? .next : .done }
}

private final class Waiting: ChainElement, RequestHook, CancelHook {
    static let descriptor = ElementDescriptor("waiting", summary: "waits")
    init(config: NoConfig, host: Host) {}
    func request(_ hop: borrowing Hop<Waiting>) -> Verdict { .pending }
    func cancel(_ hop: borrowing Hop<Waiting>) {
        #expect(hop.ticket.withMessage { $0.id } == "id-1")
        #expect(hop.ticket.resume(.fail(ElementError(.cancelled, "gone"))))
        #expect(!hop.ticket.resume(.next))
        #expect(hop.ticket.withMessage { $0.id } == nil)
    }
}

@Suite("Hooks")
struct HookTableTests {
    @Test("an element without hooks has an empty table")
    func bare() throws {
        let type = try HookBench(Bare.self).type.pointee
        #expect(type.request == nil && type.request_reply == nil && type.close == nil && type.close_reply == nil && type.cancel == nil)
        #expect(type.call_dropped == nil && type.conn_dropped == nil && type.call_slot_size == 0 && type.conn_slot_size == 0)
        #expect(type.destroy != nil && type.validate != nil && type.create != nil)
    }

    @Test("an element has exactly the hooks it conforms to, and its traits")
    func oneHook() throws {
        let type = try HookBench(OnlyReply.self).type.pointee
        #expect(type.request == nil && type.request_reply != nil && type.close == nil && type.close_reply == nil)
        #expect(type.flags == CATENA_TYPE_AGAIN)
    }

    @Test("a reply hook sees the error of below with its origin, flags and causes, and may pass it on")
    func reply() throws {
        let element = try HookBench(OnlyReply.self)
        let call = element.call(TestMessage())
        #expect(element.requestReply(call) == .again)
        var deeper = ElementError(.notFound, "deeper")
        deeper.origin = "endpoint/x"
        var error = ElementError(.unavailable, "no answer", cause: deeper)
        error.origin = "forwarder/connect"
        error.isIndefinite = true
        var expected = error
        expected.text = "seen: no answer"
        #expect(element.requestReply(call, below: error) == .fail(expected))
    }

    @Test("a verdict and its error reach the host")
    func verdicts() throws {
        let element = try HookBench(Failing.self)
        let expected = ElementError(.aborted, "outer", cause: ElementError(.notFound, "inner"))
        #expect(element.request(element.call(TestMessage())) == .fail(expected))
        #expect(element.close(element.call(TestMessage())) == .done)
        #expect(element.close(element.call(TestMessage(), flags: .known)) == .next)
    }

    @Test("a ticket answers one hook once, and knows when it is over")
    func ticket() throws {
        let element = try HookBench(Waiting.self)
        let call = element.call(TestMessage(id: "id-1"), number: 7)
        #expect(element.request(call) == .pending)
        element.cancel(call)
        #expect(element.host.answers == [.fail(.cancelled, "gone")])
    }
}
