// SPDX-License-Identifier: Apache-2.0
// serialize between its neighbours, linked or opened as a host opens it, for every test of what it promises in a chain.
internal import CatenaElement
internal import CatenaElementTesting
internal import SerializeElement

/// A chain `above, serialize, gate, below`.
struct SerializeBench: Sendable {
    let above = Neighbour("above")
    let gate = Neighbour("gate", traits: .guard)
    let below = Neighbour("below")

    func run(
        _ form: ElementForm, _ config: ConfigText = .empty, side: BenchSide = .server, between: [BenchElement] = [],
        isolation: isolated (any Actor)? = #isolation, _ body: (ChainBench) async throws -> Void
    ) async throws {
        let element = BenchElement.element(SerializeElement.self, form, config: config)
        let chain: [BenchElement] = [.neighbour(above), element, .neighbour(gate)] + between + [.neighbour(below)]
        try await ChainBench.run(chain, side: side, body)
    }

    /// The services of the Requests that came to the end of the chain, in order.
    var requested: [String] { below.sights(.request).map(\.message.networkService) }
    /// Of the Closes.
    var closed: [String] { below.sights(.close).map(\.message.networkService) }
    /// Both, in order, by the first letter.
    var order: String {
        below.sights().map { $0.hook == .request ? "R" : $0.hook == .close ? "C" : "" }.joined()
    }
}

extension ChainBench {
    /// Begins a Request for a service, so that it can be told from the others.
    @discardableResult
    func ask(_ service: String, _ edit: (inout TestMessage) -> Void = { _ in }) -> BenchCall {
        request { message in
            message.networkService = service
            edit(&message)
        }
    }

    /// Goes on with what a neighbour holds, and runs until all is quiet.
    func resume(_ neighbour: Neighbour, _ act: Neighbour.Act = .next) {
        neighbour.resume(act)
        run()
    }
}
