// SPDX-License-Identifier: Apache-2.0
// The other end of a client chain answers in every way that a real one may, and the chain is told which.
internal import CatenaElement
internal import CatenaElementTesting
internal import Testing

/// The client side, as small as it can be: one leg to one place.
private final class Caller: ChainElement, RequestHook, CloseHook, CancelHook {
    final class Side: Slot {
        var leg: Leg?
        var operation: CatenaElement.Operation?
    }
    struct Config: ElementConfig {
        var client = ChainUse()
        static let fields: [ConfigField<Config>] = [.required("client", \.client, .chain, "where calls go")]
    }
    typealias ConnectionSlot = Side

    static let descriptor = ElementDescriptor("caller", summary: "calls the next hop")
    private let config: Config
    private let host: Host
    init(config: Config, host: Host) { (self.config, self.host) = (config, host) }

    func request(_ hop: borrowing Hop<Caller>) -> Verdict {
        let side = hop.connectionSlot, ticket = hop.ticket
        do throws(ElementError) {
            guard let connection = hop.connection else { return .done }
            if side.leg == nil {
                let url: ClientURL
                do { url = try ClientURL("tcp://next:1") } catch { throw ElementError(.internal, error.reason) }
                let transport = try host.clients.acquire(url)
                side.leg = try host.chains.open(for: connection, through: config.client, over: transport)
            }
            guard let leg = side.leg else { return .done }
            side.operation = try host.chains.request(try hop.message.copy(), on: leg, for: ticket) { answer in
                ticket.resume(answer.error.map { .fail($0) } ?? .next)
            }
            return .pending
        } catch {
            return .fail(error)
        }
    }

    func close(_ hop: borrowing Hop<Caller>) -> Verdict {
        if let leg = hop.connectionSlot.leg { host.chains.drop(leg, why: hop.reason) }
        return .next
    }

    func cancel(_ hop: borrowing Hop<Caller>) {
        if let operation = hop.connectionSlot.operation { host.connections.cancel(operation) }
    }
}

@Suite("NextHop")
struct NextHopTests {
    private func run(_ body: (ChainBench) throws -> Void) async throws {
        try await ChainBench.run([.anchor, .element(Caller.self, config: ["client": "out"])], clients: ["out": []]) { try body($0) }
    }

    @Test("it accepts, refuses, is not there, or loses its answer")
    func replies() async throws {
        try await run { bench in
            bench.nextHop.script(
                .request, .refuse(.notFound, "no such service"), .unreachable("connection refused"), .lost("reset"), .accept)
            let calls = (0..<4).map { bench.request("id-\($0)") }
            #expect(calls.map(\.code) == [.notFound, .unavailable, .unavailable, nil])
            #expect(calls.map { $0.error?.isIndefinite } == [false, false, true, nil])
            #expect(bench.nextHop.calls.map(\.verb) == [.request, .request, .request, .close, .request])
        }
    }

    @Test("it answers late on the bench's clock, or never, until a cancel")
    func time() async throws {
        try await run { bench in
            bench.nextHop.script(.request, .after(.seconds(2), .accept), .hold)
            let late = bench.request("late")
            bench.advance(by: .seconds(1))
            #expect(!late.isAnswered)
            bench.advance(by: .seconds(1))
            #expect(late.isGood)
            let never = bench.request("never", deadline: .seconds(3))
            #expect(bench.nextHop.heldCount == 1)
            bench.advance(by: .seconds(30))
            #expect(never.code == .deadlineExceeded && bench.nextHop.heldCount == 0)
            #expect(bench.nextHop.transports.map(\.url) == ["tcp://next:1"])
        }
    }
}
