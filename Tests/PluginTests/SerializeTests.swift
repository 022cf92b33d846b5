// SPDX-License-Identifier: Apache-2.0
// The contract of the anchor as far as one element can keep it: one at a time, in order, a Close with the last good
// connection, a second Close swallowed. The host's half is tested with the engine.
internal import CatenaABI
internal import ElementTestSupport
internal import SerializeElement
internal import Testing

@Suite("serialize")
struct SerializeTests {
    private let host = FakeHost()
    private let slot = Memory()
    private let element: TestElement<SerializeElement>

    init() throws {
        element = try TestElement(SerializeElement.self, config: #"{"queue":2}"#, host: host)
    }

    private func call(_ number: UInt64, connection: UInt64 = 1, known: Bool = false) -> TestCall {
        TestCall(FakeMessage(id: "id"), call: number, connection: connection, slot: slot, flags: known ? CATENA_HOP_KNOWN : CATENA_HOP_FIRST)
    }

    private var answers: [FakeVerdict] { host.resumed.map(\.verdict) }

    @Test("calls of one connection run one at a time, in the order they came")
    func order() {
        let calls = (1...3).map { call($0) }
        #expect(calls.map(element.request) == [.next, .pending, .pending])
        #expect(host.resumed.isEmpty)
        #expect(element.requestReply(calls[0]) == .next)
        #expect(host.resumed.map(\.call) == [2])
        #expect(element.requestReply(calls[1], below: FakeError(CATENA_ABORTED, "x")) == .next)
        #expect(host.resumed.map(\.call) == [2, 3] && answers == [.next, .next])
        #expect(element.requestReply(calls[2]) == .next)
        #expect(element.request(call(4)) == .next)
    }

    @Test("connections do not wait for each other")
    func parallel() {
        #expect(element.request(call(1)) == .next)
        #expect(element.request(TestCall(FakeMessage(id: "other"), call: 2, connection: 2, slot: Memory())) == .next)
    }

    @Test("a connection that answered is UP, one that failed is left as it was")
    func state() {
        let good = call(1), bad = call(2)
        good.message.state = 2
        bad.message.state = 2
        _ = element.request(good)
        _ = element.requestReply(good)
        _ = element.request(bad)
        _ = element.requestReply(bad, below: FakeError(CATENA_ABORTED, "x"))
        #expect(good.message.state == 0 && bad.message.state == 2)
    }

    @Test("a Close that runs carries the last good connection")
    func close() {
        host.last[1] = FakeMessage(id: "id", service: "last")
        let closing = call(1, known: true)
        #expect(element.close(closing) == .next)
        #expect(closing.message.texts[CATENA_F_NETWORK_SERVICE] == Array("last".utf8))
        #expect(element.closeReply(closing) == .next)
    }

    @Test("a Close that waited carries what the Request before it got, which the host has not stored yet")
    func closeAfterFirst() {
        let first = call(1), closing = call(2)
        _ = element.request(first)
        #expect(element.close(closing) == .pending)
        first.message.texts[CATENA_F_NETWORK_SERVICE] = Array("new".utf8)
        _ = element.requestReply(first)
        #expect(answers == [.next] && closing.message.texts[CATENA_F_NETWORK_SERVICE] == Array("new".utf8))
    }

    @Test("a Close behind a failed refresh carries the connection of before")
    func closeAfterRefresh() {
        host.last[1] = FakeMessage(id: "id", service: "old")
        host.established = [1]
        let refresh = call(1), closing = call(2)
        _ = element.request(refresh)
        _ = element.close(closing)
        _ = element.requestReply(refresh, below: FakeError(CATENA_UNAVAILABLE, "x"))
        #expect(answers == [.next] && closing.message.texts[CATENA_F_NETWORK_SERVICE] == Array("old".utf8))
    }

    @Test("a Close of what is not open ends quietly, and a second Close too")
    func unknown() {
        #expect(element.close(call(1)) == .done)
        let closing = call(2, known: true), second = call(3, known: true), request = call(4)
        #expect(element.close(closing) == .next)
        #expect(element.close(second) == .pending && element.request(request) == .pending)
        #expect(element.closeReply(closing) == .next)
        #expect(host.resumed.map(\.call) == [3, 4] && answers == [.done, .next])
    }

    @Test("a Close for another endpoint leaves the connection open for the Close behind it")
    func reselect() {
        host.last[1] = FakeMessage(id: "id", service: "old")
        let reselecting = call(1, known: true), closing = call(2, known: true)
        reselecting.hop.reason = CATENA_RESELECT
        #expect(element.close(reselecting) == .next && element.close(closing) == .pending)
        _ = element.closeReply(reselecting)
        #expect(answers == [.next] && closing.message.texts[CATENA_F_NETWORK_SERVICE] == Array("old".utf8))
    }

    @Test("a Close behind a first Request that failed has nothing to close")
    func closeAfterFailure() {
        let first = call(1), closing = call(2)
        _ = element.request(first)
        _ = element.close(closing)
        _ = element.requestReply(first, below: FakeError(CATENA_UNAVAILABLE, "x"))
        #expect(answers == [.done])
        #expect(element.request(call(3)) == .next)
    }

    @Test("a queue is bounded for Requests, and a Close is never refused")
    func bound() {
        #expect((1...3).map { element.request(call($0)) } == [.next, .pending, .pending])
        #expect(element.request(call(4)) == .fail(CATENA_RESOURCE_EXHAUSTED, "2 Requests wait already: id"))
        #expect(element.close(call(5)) == .pending)
    }

    @Test("a Request whose caller left is taken out of the queue, a Close stays in")
    func cancel() {
        let first = call(1), leaving = call(2), closing = call(3), last = call(4)
        #expect([element.request(first), element.request(leaving), element.close(closing), element.request(last)] == [.next, .pending, .pending, .pending])
        element.cancel(leaving)
        element.cancel(closing)
        element.cancel(first)
        #expect(answers == [.fail(CATENA_CANCELLED, "the caller left the queue: id")])
        _ = element.requestReply(first)
        #expect(host.resumed.map(\.call) == [2, 3])
    }

    @Test("a waiting call that the host has ended by itself is passed over")
    func gone() {
        let first = call(1)
        _ = element.request(first)
        _ = element.request(call(2))
        _ = element.request(call(3))
        host.pending[2] = nil
        _ = element.requestReply(first)
        #expect(host.resumed.map(\.call) == [3])
    }

    @Test("a Request without an id is refused")
    func emptyID() {
        let said = element.request(TestCall(FakeMessage(), connection: 1, slot: slot))
        #expect(said == .fail(CATENA_INVALID_ARGUMENT, "a Request needs a connection with an id: set it above, as updatepath does"))
        #expect(element.request(call(2)) == .next)
    }

    @Test("the queue goes with its connection's slot")
    func dropped() {
        #expect(element.request(call(1)) == .next)
        element.dropConnection(1, slot, why: CATENA_CALLER)
        #expect(element.request(call(2)) == .next)
    }
}
