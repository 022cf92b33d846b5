// SPDX-License-Identifier: Apache-2.0
// The chain that these tests are about: connect below serialize and before one more server element, with a client chain of its own and
// real sockets to what is next.
internal import CatenaChain
internal import CatenaElement
internal import CatenaElementTesting
internal import CatenaNSM
internal import ConnectElement
internal import Foundation
internal import NIOPosix
internal import SerializeElement
internal import Synchronization
internal import Testing

struct Forwarder {
    private let place: String
    private let chain: ThreadedChain
    private let factory: CountedFactory

    /// Runs `body` with one, and then nothing may be left of it.
    static func run(
        _ form: ElementForm, _ config: ConfigText = ["client": "out", "mechanism": "pass"], _ body: (Forwarder) async throws -> Void
    ) async throws {
        let place = UUID().uuidString, factory = CountedFactory()
        let element = { (place: String) in (try ElementSource(Capture.self), ConfigText.at(place)) }
        let chain = try ThreadedChain(
            [
                (try ElementSource(SerializeElement.self, form), .empty), (try ElementSource(Choose.self), .at(place)),
                (try ElementSource(ConnectElement.self, form), config), try element("\(place)/next"),
            ], clients: ["out": [try element("\(place)/client")]], transports: factory)
        await chain.start()
        try await body(Forwarder(place: place, chain: chain, factory: factory))
        #expect(await chain.stop() == 0)
    }

    /// What its client chain has seen.
    var client: Captured { .at("\(place)/client") }
    /// What the element after connect has seen.
    var next: Captured { .at("\(place)/next") }
    /// A name for a next hop.
    func name(_ remote: String) -> String { "\(place)/\(remote)" }

    func go(to url: String?) throws { try Choose.go(to: url, at: place) }

    func begin(_ verb: HookName, _ message: TestMessage, on number: Int = 0, deadline: Duration? = nil) -> ThreadCall {
        chain.begin(verb, message, on: number, deadline: deadline)
    }

    /// A call whose caller goes away when it has its answer, which must not matter.
    @discardableResult
    func call(_ verb: HookName, _ message: TestMessage, on number: Int = 0) async -> (ElementError?, TestMessage?) {
        let call = begin(verb, message, on: number)
        defer { call.leave() }
        return await call.answer()
    }

    /// How many transports the host has made so far.
    var made: Int { factory.made.load(ordering: .relaxed) }
    /// How many it has.
    var transports: Int { chain.engine.status().holdings.transports }
    /// How many connections it has a client side of.
    var legs: Int { chain.engine.status().holdings.legs }
    /// Waits until no call is under way, also none that nobody waits for.
    func idle() async { await withCheckedContinuation { continuation in chain.engine.whenIdle { continuation.resume() } } }
}

extension ConfigText {
    static func at(_ place: String) -> ConfigText { ["place": .text(place)] }
}

/// Makes the transports of a host, and counts them.
private final class CountedFactory: TransportFactory {
    private let transports = NSMTransports(group: MultiThreadedEventLoopGroup.singleton, engine: EngineReference())
    let made = Atomic<Int>(0)

    func makeTransport(url: String, options: TransportOptions) -> (any CatenaChain.Transport)? {
        made.wrappingAdd(1, ordering: .relaxed)
        return transports.makeTransport(url: url, options: options)
    }
}
