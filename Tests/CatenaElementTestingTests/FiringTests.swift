// SPDX-License-Identifier: Apache-2.0
// Elements that begin a Request or a Close from inside of a chain, as types, from a module in Swift and from one in C: on a bench
// with its built-in anchor, whose executor gives them the turn.
internal import CatenaElement
internal import CatenaElementTesting
internal import FiringElements
internal import Foundation
internal import ModuleTestSupport
internal import Testing

@Suite("Firing elements")
struct FiringTests {
    /// How the element comes to the bench.
    enum Form: String, CaseIterable, Sendable {
        case linked, opened, c

        func element<Element: ChainElement>(_ type: Element.Type, thread: Bool) throws -> BenchElement {
            let config: ConfigText = thread ? "{}" : #"{"thread": false}"#
            switch self {
            case .linked: return .element(type, config: config, name: "fire")
            case .opened: return .element(try ElementSource(file: Self.folder + "/libfiring.so", type: type.descriptor.id), config: config, name: "fire")
            case .c: return .element(try ElementSource(file: try FiringTests.built.get(), type: type.descriptor.id), config: config, name: "fire")
            }
        }

        private static let folder = Bundle.main.executableURL?.deletingLastPathComponent().path ?? "."
    }

    /// Built once for all tests; it stays open.
    private static let built = Result {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("catena-firing-\(getpid()).so").path
        try FixtureModule.build("firing/firing", to: file)
        return file
    }

    private static func around(_ element: BenchElement) -> (above: Neighbour, below: Neighbour, chain: [BenchElement]) {
        let above = Neighbour("above"), below = Neighbour("below")
        return (above, below, [.anchor, .neighbour(above), element, .neighbour(below)])
    }

    @Test("a fired Request follows the one that fired it, begins just after its element, and carries what the first one had there", arguments: Form.allCases, [false, true])
    func request(form: Form, thread: Bool) async throws {
        let (_, _, chain) = Self.around(try form.element(FireRequest.self, thread: thread))
        try await ChainBench.run(chain) { bench in
            #expect(bench.request("id").isGood)
            await bench.run { bench.sights(of: "below", .requestReply).count == 2 }
            let once = ["above request", "fire request", "below request", "below request-reply", "above request-reply"]
            #expect(bench.takeJournal() == once + ["below request event", "below request-reply event"])
            let fired = try #require(bench.sights(of: "below", .request).last)
            #expect(fired.flags.contains(.event) && !fired.flags.contains(.first) && fired.message.id == "id")
            #expect(bench.close("id").isGood && bench.connectionCount == 0)
        }
    }

    @Test("a fired Close tells those below it, the cancel those above it, deepest first; then the connection is over", arguments: Form.allCases, [false, true])
    func close(form: Form, thread: Bool) async throws {
        let (_, _, chain) = Self.around(try form.element(FireClose.self, thread: thread))
        try await ChainBench.run(chain) { bench in
            #expect(bench.request("id").isGood)
            await bench.run { bench.connectionCount == 0 }
            let lines = bench.takeJournal()
            #expect(Array(lines.suffix(4)) == ["below close event", "below close-reply event", "above close removed", "above close-reply removed"])
            // A second time finds nothing open, and a new Request is a first one.
            #expect(bench.close("id").isGood && bench.takeJournal() == [])
            #expect(bench.request("id").isGood)
            #expect(bench.sights(of: "below", .request).last?.flags.contains(.first) == true)
            await bench.run { bench.connectionCount == 0 }
        }
    }

    @Test("a Request that fails fires nothing, and a job that comes when a Close has its turn is refused", arguments: Form.allCases)
    func refused(form: Form) async throws {
        let (_, below, chain) = Self.around(try form.element(FireClose.self, thread: false))
        try await ChainBench.run(chain) { bench in
            below.inject(.unavailable, at: .request)
            #expect(!bench.request("id").isGood && bench.connectionCount == 0)
            below.script(.request, .hold)
            let request = bench.request("id"), close = bench.close("id")
            _ = bench.takeJournal()
            below.resume()
            bench.run()
            #expect(request.isGood && close.isGood && bench.connectionCount == 0)
            #expect(bench.sights(of: "below", .close).map(\.reason) == [.caller])
        }
    }
}
