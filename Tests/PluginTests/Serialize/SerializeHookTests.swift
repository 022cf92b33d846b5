// SPDX-License-Identifier: Apache-2.0
// Hook by hook, where no caller can make the order.
internal import CatenaElement
internal import CatenaElementTesting
internal import SerializeElement
internal import Testing

@Suite("serialize: hook by hook")
struct SerializeHookTests {
    private let slot = HookSlot()

    private func bench() throws -> HookBench { try HookBench(SerializeElement.self, config: ["queue": 2]) }

    private func call(_ bench: HookBench, _ number: UInt64, _ flags: HopFlags = .first) -> HookCall {
        bench.call(TestMessage(id: "id"), number: number, connection: 1, slot: slot, flags: flags)
    }

    @Test("a Close for another endpoint leaves the connection open for the Close behind it")
    func reselect() throws {
        let bench = try bench(), reselecting = call(bench, 1, .known), closing = call(bench, 2, .known)
        bench.host.last[1] = TestMessage(id: "id", service: "old")
        reselecting.reason = .reselect
        #expect(bench.close(reselecting) == .next && bench.close(closing) == .pending)
        _ = bench.closeReply(reselecting)
        #expect(bench.host.answers == [.next] && closing.message.networkService == "old")
    }

    @Test("a waiting call that the host has ended by itself is passed over")
    func gone() throws {
        let bench = try bench(), calls = (1...3).map { call(bench, $0) }
        #expect(calls.map(bench.request) == [.next, .pending, .pending])
        bench.host.end(call: 3)
        _ = bench.requestReply(calls[0])
        #expect(bench.host.resumed.map(\.call) == [2])
    }

    @Test("an id that is empty is refused with the remedy")
    func remedy() throws {
        let bench = try bench()
        let text = "a Request needs a connection with an id: set it above, as updatepath does"
        #expect(bench.request(bench.call(connection: 1, slot: slot, flags: .first)) == .fail(.invalidArgument, text))
    }

    @Test("the queue goes with its connection's slot")
    func dropped() throws {
        let bench = try bench()
        #expect(bench.request(call(bench, 1)) == .next)
        bench.dropConnection(1, slot, why: .caller)
        #expect(bench.request(call(bench, 2)) == .next)
    }
}
