// SPDX-License-Identifier: Apache-2.0
// One Request or Close of a connection at a time inside `connect`, whoever else sees to it above: its hooks are called a second
// time while the first call is pending, which no engine does.
internal import CatenaElement
internal import CatenaElementTesting
internal import ConnectElement
internal import Testing

@Suite("connect, one at a time")
struct ConnectTurnTests {
    private let slot = HookSlot()
    private let bench: HookBench
    private var host: RecordingHost { bench.host }

    init() throws { bench = try HookBench(ConnectElement.self, config: ["client": "out"]) }

    private func call(_ number: UInt64, _ service: String = "", why: Reason = .caller) throws -> HookCall {
        var message = TestMessage(id: "id", path: [.init(name: "fwd", id: "id")])
        message.networkService = service
        let call = bench.call(message, number: number, connection: 9, slot: slot)
        call[.clientURL] = try ClientURL("tcp://a:1")
        call.reason = why
        return call
    }

    @Test("what comes while a call is pending waits for it, in order, and is logged with who started it")
    func waits() throws {
        #expect(try bench.request(call(1, "first")) == .pending)
        #expect(try bench.request(call(2, "second", why: .event)) == .pending)
        #expect(try bench.close(call(3, why: .removed)) == .pending)
        #expect(host.calls.map(\.message.networkService) == ["first"])
        #expect(host.lines.map(\.level) == [.warning, .warning])
        #expect(host.lines.map { "\($0.fields["verb"] ?? "") \($0.fields["startedBy"] ?? "")" } == ["request event", "close removed"])
        host.answerCall()
        #expect(host.resumed.map(\.call) == [1] && host.calls.map(\.message.networkService) == ["second"])
        host.answerCall()
        #expect(host.resumed.map(\.call) == [1, 2] && host.calls.map(\.verb) == [.close])
        host.answerCall()
        #expect(host.resumed.map(\.call) == [1, 2, 3] && host.answers == [.next, .next, .next])
        bench.dropConnection(9, slot, why: .caller)
        #expect(host.copies == 0 && host.transports.isEmpty)
    }

    @Test("a call that waits behind one that fails begins all the same")
    func behindFailure() throws {
        _ = bench.request(try call(1))
        _ = bench.request(try call(2))
        host.failCall(ElementError(.unavailable, "x"))
        #expect(host.answers == [.fail(.unavailable, "x")] && host.calls.count == 1)
        host.answerCall()
        #expect(host.resumed.map(\.call) == [1, 2] && host.answers.last == .next)
        bench.dropConnection(9, slot, why: .caller)
    }

    @Test("a call that waits and has nothing to send is answered at once, and so is the next")
    func nothingToSend() throws {
        _ = bench.request(try call(1))
        let closing = try call(2)
        closing.flags = .known
        _ = bench.close(closing)
        let nowhere = try call(3)
        nowhere[.clientURL] = ClientURL()
        _ = bench.request(nowhere)
        host.failCall(ElementError(.unavailable, "x"))
        #expect(host.resumed.map(\.call) == [1, 2, 3] && host.calls.isEmpty)
        #expect(host.answers.last == .fail(.failedPrecondition, "clientURL not found for incoming connection: id"))
        bench.dropConnection(9, slot, why: .caller)
    }

    @Test("one that waits can be cancelled, which the one under way does not notice; one that is gone is passed over")
    func cancelled() throws {
        _ = bench.request(try call(1))
        let second = try call(2), third = try call(3, "third")
        _ = bench.request(second)
        _ = bench.request(third)
        bench.cancel(second)
        #expect(host.cancelled.isEmpty)
        #expect(host.answers == [.fail(.cancelled, "the caller left before its turn at the next hop: id")])
        let gone = try call(4)
        _ = bench.request(gone)
        host.end(call: 4)
        host.answerCall()
        host.answerCall()
        #expect(host.resumed.map(\.call) == [2, 1, 3] && host.calls.isEmpty)
        bench.dropConnection(9, slot, why: .caller)
    }
}
