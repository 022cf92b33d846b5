// SPDX-License-Identifier: Apache-2.0
// The stress tests of the Go elements, T2.1 to T2.3 and T3.5 to T3.6: a thousand callers, each a Request and then a Close, over one id
// and over twenty, on loops of real threads, beside elements that begin Requests and Closes of their own.
internal import CatenaElement
internal import CatenaElementTesting
internal import FiringElements
internal import Foundation
internal import ModuleTestSupport
internal import SerializeElement
internal import Synchronization
internal import Testing

@Suite("serialize: originals, stress", .serialized)
struct SerializeStressTests {
    private static let callers = 1_000
    private let service = UUID().uuidString

    private final class Count: Sendable {
        private let counts = Mutex<[String: Int]>([:])
        func add(_ name: String) { counts.withLock { $0[name, default: 0] += 1 } }
        func of(_ name: String) -> Int { counts.withLock { $0[name] ?? 0 } }
        var all: [String: Int] { counts.withLock { $0 } }
    }

    /// A thousand times Request and Close.
    /// - Returns: how calls ended, by their texts.
    private func run(
        _ form: ElementForm, _ config: ConfigText, ids: Int, firing: [ElementSource], side: BenchSide = .server
    ) async throws -> (Count, Seen) {
        let elements: [(ElementSource, ConfigText)] =
            [(try ElementSource(SerializeElement.self, form), config)] + firing.map { ($0, .empty) } + [(try ElementSource(Detector.self), .empty)]
        let chain = try ThreadedChain(elements, side: side), count = Count(), service = service
        await chain.start()
        await withTaskGroup { group in
            for caller in 0..<Self.callers {
                group.addTask {
                    let message = TestMessage(id: "id-\(caller % ids)", service: service)
                    let (error, answer) = await chain.call(.request, message, on: caller)
                    count.add("Request \(error?.text ?? "ok")")
                    guard let answer else { return }
                    let closed = await chain.call(.close, answer, on: caller / 2)
                    count.add("Close \(closed.0?.text ?? "ok")")
                }
            }
        }
        // What elements have begun by themselves may still run, and may have opened a connection again: it is closed like any other.
        for _ in 0..<100 where !Seen.of(service).open.isEmpty {
            for id in 0..<ids { _ = await chain.call(.close, TestMessage(id: "id-\(id)", service: service)) }
        }
        let seen = Seen.of(service), held = await chain.stop()
        #expect(seen.broken.isEmpty, "\(seen.broken.prefix(5))")
        #expect(held == 0 && seen.open.isEmpty, "\(held) held, \(seen.open) open")
        return (count, seen)
    }

    private func check(_ count: Count, ids: Int, allowed: [String]) {
        let requests = count.all.filter { $0.key.hasPrefix("Request ") }
        let expected = Set(["Request ok"] + allowed.flatMap { text in (0..<ids).map { "Request \(text): id-\($0)" } })
        #expect(Set(requests.keys).isSubset(of: expected), "\(requests)")
        #expect(requests.values.reduce(0, +) == Self.callers)
        #expect(count.of("Close ok") == count.of("Request ok"), "\(count.all)")
        #expect(count.of("Request ok") > 0)
    }

    /// Linked, or from modules: one in Swift and one in C.
    private static func firing(_ form: ElementForm) throws -> [ElementSource] {
        switch form {
        case .linked: [try ElementSource(FireRequest.self), try ElementSource(FireClose.self)]
        case .opened: [try ElementSource(file: inC.get(), type: "fire-request"), try ElementSource(file: folder + "/libfiring.so", type: "fire-close")]
        }
    }

    private static let folder = Bundle.main.executableURL?.deletingLastPathComponent().path ?? "."
    /// Built once for all tests; it stays open.
    private static let inC = Result {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("catena-firing-stress-\(getpid()).so").path
        try FixtureModule.build("firing/firing", to: file)
        return file
    }

    private let closing = "the connection is being closed"
    private let race = "race condition, parallel request execution"

    @Test("T2.1: with onRace fail a Request fails only for the race or a Close, and nothing runs in parallel", arguments: ElementForm.allCases, [1, 20])
    func race(form: ElementForm, ids: Int) async throws {
        let firing = try Self.firing(form)
        let (count, seen) = try await run(form, ["queue": 4096, "onRace": "fail"], ids: ids, firing: firing)
        check(count, ids: ids, allowed: [closing, race])
        #expect(seen.requests > 0 && seen.closes > 0)
    }

    @Test("T2.2, T2.3: no Request fails but for a Close, and each Close succeeds", arguments: ElementForm.allCases, [1, 20])
    func never(form: ElementForm, ids: Int) async throws {
        let firing = try Self.firing(form)
        let (count, _) = try await run(form, ["queue": 4096], ids: ids, firing: firing)
        check(count, ids: ids, allowed: [closing])
    }

    @Test("T3.5, T3.6: the same with nobody else, on either side, with and without coalescing", arguments: [BenchSide.server, .client], [true, false])
    func sides(side: BenchSide, coalesce: Bool) async throws {
        for form in ElementForm.allCases {
            let (count, _) = try await run(form, ["queue": 4096, "coalesce": .bool(coalesce)], ids: 20, firing: [], side: side)
            check(count, ids: 20, allowed: [closing])
        }
    }
}
