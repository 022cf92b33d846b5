// SPDX-License-Identifier: Apache-2.0
// What `connect` asks of its host, hook by hook: what an engine would not show, or would repair.
internal import CatenaElement
internal import CatenaElementTesting
internal import ConnectElement
internal import Testing

@Suite("connect, hook by hook")
struct ConnectHookTests {
    private let slot = HookSlot()
    private let bench: HookBench
    private var host: RecordingHost { bench.host }

    init() throws { bench = try HookBench(ConnectElement.self, config: ["client": "out"]) }

    private func call(_ number: UInt64) throws -> HookCall {
        let call = bench.call(TestMessage(id: "id", path: [.init(name: "fwd", id: "id")]), number: number, connection: 9, slot: slot)
        call[.clientURL] = try ClientURL("tcp://a:1")
        return call
    }

    /// A first Request that succeeded.
    private func open() throws {
        #expect(bench.request(try call(1)) == .pending)
        #expect(host.dialed == [DialOptions()])
        host.answerCall()
        #expect(host.answers == [.next])
    }

    @Test("a client call is the hook's own child, and a Close hands on its reason")
    func parent() throws {
        try open()
        let closing = try call(2)
        closing.reason = .expired
        #expect(bench.close(closing) == .pending)
        #expect(host.calls.map(\.parent) == [2] && host.calls.map(\.reason) == [.expired])
        host.answerCall()
        #expect(host.legs.values.map(\.dropped) == [.expired])
    }

    @Test("a refresh that meets a retired transport gets another one for the same leg")
    func retired() throws {
        try open()
        let before = try #require(host.transports.keys.first)
        host.retired = [before]
        #expect(bench.request(try call(2)) == .pending)
        #expect(host.legs.count == 1 && host.transports.count == 1 && host.transports[before] == nil)
    }

    @Test("a leg that has ended fails the Request, and nothing leaks")
    func refused() throws {
        host.refusesCalls = true
        #expect(bench.request(try call(1)) == .fail(.aborted, "the client side has ended"))
        #expect(host.transports.isEmpty && host.copies == 0)
    }

    @Test("a cancel cancels what is under way, and nothing else")
    func cancel() throws {
        let request = try call(1)
        bench.cancel(request)
        #expect(host.cancelled.isEmpty)
        _ = bench.request(request)
        bench.cancel(request)
        #expect(host.cancelled.count == 1 && host.answers.isEmpty)
        host.failCall(ElementError(.cancelled, "cancelled"))
        #expect(host.answers == [.fail(.cancelled, "cancelled")])
        bench.cancel(request)
        #expect(host.cancelled.count == 1)
    }

    @Test("C7: whatever has happened, no reference and no copy is left when the slot is dropped")
    func dropped() throws {
        try open()
        #expect(host.copies > 0 && host.transports.count == 1)
        bench.dropConnection(9, slot, why: .handedOver)
        #expect(host.copies == 0 && host.transports.isEmpty)
        #expect(host.legs.values.map(\.dropped) == [.handedOver] && host.calls.isEmpty)
    }
}
