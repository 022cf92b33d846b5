// SPDX-License-Identifier: Apache-2.0
// What `connect` asks of the host and what it makes of the answers: requirements C1 to C5 and C7 of the reference, with
// legs and references counted at a host that only writes down.
internal import CatenaABI
internal import ConnectElement
internal import ElementTestSupport
internal import Testing

@Suite("connect")
struct ConnectTests {
    private let host = FakeHost()
    private let slot = Memory()
    private let element: TestElement<ConnectElement>

    init() throws {
        element = try TestElement(ConnectElement.self, config: #"{"client":"out","dialTimeout":"250ms"}"#, host: host)
    }

    private func call(_ number: UInt64, url: String = "tcp://a:1", segments: [FakeMessage.Segment] = [.init("fwd", "id")]) -> TestCall {
        let message = FakeMessage(id: "id", service: "icmp", segments: segments)
        message.preferences = "kernel"
        let call = TestCall(message, call: number, connection: 9, slot: slot)
        call.url = url
        return call
    }

    private func answerFromEndpoint(_ message: FakeMessage) {
        message.segments.append(.init("nse", "id-e"))
        message.mechanism = "memif"
    }

    private var answers: [FakeVerdict] { host.resumed.map(\.verdict) }

    /// A first Request that succeeded.
    private func open(_ url: String = "tcp://a:1") {
        #expect(element.request(call(1, url: url)) == .pending)
        host.answer(answerFromEndpoint)
    }

    @Test("C1, C2: a first Request opens a leg to the client URL and requests there")
    func first() throws {
        let request = call(1)
        request.message.mechanism = "kernel-here"
        #expect(element.request(request) == .pending)
        let sent = try #require(host.calls.first)
        #expect(sent.verb == CATENA_VERB_REQUEST && sent.parent == 1)
        #expect(sent.message.preferences == nil && sent.message.mechanism == nil && sent.message.segments == [.init("fwd", "id")])
        #expect(host.legs.values.map(\.url) == ["tcp://a:1"] && host.dialTimeouts == [250_000_000])
        host.answer(answerFromEndpoint)
        #expect(answers == [.next])
        #expect(request.message.segments.map(\.name) == ["fwd", "nse"])
        #expect(request.message.mechanism == "kernel-here" && request.message.preferences == "kernel")
    }

    @Test("C3: a refresh goes over the same leg, with its mechanism and the path beyond this host")
    func refresh() throws {
        open()
        #expect(element.request(call(2)) == .pending)
        let sent = try #require(host.calls.first)
        #expect(host.legs.keys.first == sent.leg && host.legs.count == 1)
        #expect(sent.message.mechanism == "memif" && sent.message.segments.map(\.name) == ["fwd", "nse"])
        host.answer()
        #expect(answers == [.next, .next])
    }

    @Test("a caller that knows the path beyond this host is believed")
    func knownPath() throws {
        open()
        _ = element.request(call(2, segments: [.init("fwd", "id"), .init("other", "id-o")]))
        #expect(host.calls.first?.message.segments.map(\.name) == ["fwd", "other"])
    }

    @Test("without a client URL a Request fails and names its connection", arguments: [true, false])
    func noURL(known: Bool) {
        if known { open() }
        #expect(
            element.request(call(5, url: "")) == .fail(CATENA_FAILED_PRECONDITION, "clientURL not found for incoming connection: id"))
    }

    @Test("a first Request that fails leaves nothing behind, and its error goes on unchanged")
    func firstFails() {
        _ = element.request(call(1))
        var error = FakeError(CATENA_UNAVAILABLE, "no route", origin: "endpoint/x")
        error.flags = CATENA_ERROR_INDEFINITE
        host.fail(error)
        #expect(answers == [.fail(error)])
        #expect(host.transports.isEmpty && host.legs.values.map(\.dropped) == [CATENA_ROLLBACK])
        #expect(element.close(call(2)) == .next)
    }

    @Test("a refresh that fails keeps the leg")
    func refreshFails() {
        open()
        _ = element.request(call(2))
        host.fail(FakeError(CATENA_UNAVAILABLE, "x"))
        #expect(host.transports.count == 1 && host.legs.values.allSatisfy { $0.dropped == nil })
    }

    @Test("C4: a Close closes with the last client connection and then drops the leg")
    func close() throws {
        open()
        let closing = call(2)
        closing.hop.reason = CATENA_EXPIRED
        #expect(element.close(closing) == .pending)
        let sent = try #require(host.calls.first)
        #expect(sent.verb == CATENA_VERB_CLOSE && sent.reason == CATENA_EXPIRED && sent.parent == 2)
        #expect(sent.message.mechanism == "memif" && sent.message.segments.map(\.name) == ["fwd", "nse"])
        #expect(host.transports.count == 1)
        host.answer()
        #expect(answers == [.next, .next] && host.transports.isEmpty)
        #expect(element.close(call(3)) == .next)
    }

    @Test("C4: a Close that fails drops the leg all the same, and says so with the code it got")
    func closeFails() {
        open()
        _ = element.close(call(2))
        host.fail(FakeError(CATENA_UNAVAILABLE, "no answer", origin: "out/x"))
        var expected = FakeError(CATENA_UNAVAILABLE, "errors during client close: no answer")
        expected.cause = .error(FakeError(CATENA_UNAVAILABLE, "no answer", origin: "out/x"))
        #expect(answers == [.next, .fail(expected)] && host.transports.isEmpty)
    }

    @Test("C5: a Close of an unknown connection is quiet")
    func closeUnknown() {
        #expect(element.close(call(1)) == .next && host.calls.isEmpty)
    }

    @Test("another client URL is requested first; then the old one is closed and dropped, best effort")
    func moved() throws {
        open()
        let old = try #require(host.legs.keys.first)
        #expect(element.request(call(2, url: "tcp://b:1")) == .pending)
        #expect(host.transports.count == 2 && host.calls[0].leg != old && host.calls[0].message.mechanism == nil)
        host.answer()
        #expect(answers == [.next, .next])
        #expect(host.calls.count == 1 && host.calls[0].leg == old && host.calls[0].verb == CATENA_VERB_CLOSE && host.calls[0].parent == 0)
        #expect(host.legs[old]?.dropped == CATENA_MOVED_URL && Array(host.transports.values) == ["tcp://b:1"])
        host.fail(FakeError(CATENA_UNAVAILABLE, "x"))
        #expect(answers == [.next, .next] && host.lines.map(\.text) == ["close at the old url failed"])
        #expect(host.lines.first?.fields["url"] == "tcp://a:1")
    }

    @Test("when another client URL cannot be requested, the old one stays what it was")
    func movedFails() throws {
        open()
        _ = element.request(call(2, url: "tcp://b:1"))
        host.fail(FakeError(CATENA_UNAVAILABLE, "x"))
        #expect(Array(host.transports.values) == ["tcp://a:1"])
        #expect(element.close(call(3, url: "tcp://b:1")) == .pending)
        #expect(host.calls.first.map { host.legs[$0.leg]?.url } == "tcp://a:1")
    }

    @Test("a refresh that meets a retired transport gets another one for the same leg")
    func retired() throws {
        open()
        let before = try #require(host.transports.keys.first)
        host.retired = [before]
        #expect(element.request(call(2)) == .pending)
        #expect(host.legs.count == 1 && host.transports.count == 1 && host.transports[before] == nil)
    }

    @Test("a leg that has ended fails the Request, and nothing leaks")
    func refused() {
        host.refusesCalls = true
        #expect(element.request(call(1)) == .fail(CATENA_ABORTED, "the client side has ended"))
        #expect(host.transports.isEmpty)
    }

    @Test("a cancelled Request cancels its client call, whose end answers it")
    func cancel() {
        let request = call(1)
        element.cancel(request)
        #expect(host.cancelled.isEmpty)
        _ = element.request(request)
        element.cancel(request)
        #expect(host.cancelled.count == 1 && answers.isEmpty)
        host.fail(FakeError(CATENA_CANCELLED, "cancelled"))
        #expect(answers == [.fail(CATENA_CANCELLED, "cancelled")])
        element.cancel(request)
        #expect(host.cancelled.count == 1)
    }

    @Test("C7: whatever has happened, no reference and no copy is left when the slot is dropped")
    func dropped() {
        let request = call(1)
        _ = element.request(request)
        host.answer(answerFromEndpoint)
        #expect(request.message.ledger.copies == 1 && host.transports.count == 1)
        element.dropConnection(9, slot, why: CATENA_HANDED_OVER)
        #expect(request.message.ledger.copies == 0 && host.transports.isEmpty)
        #expect(host.legs.values.map(\.dropped) == [CATENA_HANDED_OVER] && host.calls.isEmpty)
    }
}
