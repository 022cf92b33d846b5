// SPDX-License-Identifier: Apache-2.0
// A Close that failed, in a chain with a clock: when it is tried again, until when, and what ends the tries.
internal import CatenaElement
internal import CatenaElementTesting
internal import Foundation
internal import Testing

@Suite("serialize: retries of a Close")
struct SerializeRetryTests {
    private let bench = SerializeBench()
    private var below: Neighbour { bench.below }

    private func times(_ chain: ChainBench) -> [Reason] { below.sights(.close).map(\.reason) }

    @Test("it is tried again after 0.5 s, then twice as long each time, until it succeeds", arguments: ElementForm.allCases)
    func retries(form: ElementForm) async throws {
        below.script(.close, .fail(.unavailable, "x"), .fail(.unavailable, "x"), .fail(.unavailable, "x"), .next)
        try await bench.run(form) { chain in
            chain.ask("last")
            #expect(chain.close().code == .unavailable && chain.connectionCount == 1)
            var seen: [Int] = []
            for span in [Duration.milliseconds(499), .milliseconds(1), .milliseconds(999), .milliseconds(1), .milliseconds(1_999), .milliseconds(1)] {
                chain.advance(by: span)
                seen.append(below.count(.close))
            }
            #expect(seen == [1, 2, 2, 3, 3, 4])
            #expect(bench.closed == ["last", "last", "last", "last"] && times(chain) == [.caller, .retry, .retry, .retry])
            #expect(chain.connectionCount == 0 && chain.timers.isEmpty)
        }
    }

    @Test("where the path never expires there are ten tries more, and then nothing is kept", arguments: ElementForm.allCases)
    func gives(form: ElementForm) async throws {
        below.script(.close, .fail(.unavailable, "x"))
        try await bench.run(form) { chain in
            chain.ask("last")
            chain.close()
            chain.advance(by: .seconds(1_000))
            #expect(below.count(.close) == 11 && chain.connectionCount == 0)
            #expect(chain.logLines.contains { "\($0)".contains("close failed for good") })
        }
    }

    @Test("where the path expires the tries end with it, however many they are", arguments: ElementForm.allCases)
    func expires(form: ElementForm) async throws {
        below.script(.close, .fail(.unavailable, "x"))
        try await bench.run(form) { chain in
            let end = Int64((Date().timeIntervalSince1970 + 3_600) * 1e9)
            chain.ask("last") { $0.segments = [PathSegment(name: "n", id: "id", token: "t", expires: end)] }
            chain.close()
            chain.advance(by: .seconds(3_000))
            let before = below.count(.close)
            #expect(before > 90 && chain.connectionCount == 1)
            chain.advance(by: .seconds(1_000))
            let after = below.count(.close)
            #expect(after > before && chain.connectionCount == 0)
            chain.advance(by: .seconds(1_000))
            #expect(below.count(.close) == after)
        }
    }

    @Test("a path that has expired is not waited for", arguments: ElementForm.allCases)
    func expired(form: ElementForm) async throws {
        below.script(.close, .fail(.unavailable, "x"))
        try await bench.run(form) { chain in
            chain.ask("last") { $0.segments = [PathSegment(name: "n", id: "id", token: "t", expires: 1)] }
            chain.close()
            #expect(chain.connectionCount == 0 && chain.timers.isEmpty)
        }
    }

    @Test("a Request ends the tries, and runs at once as a first one", arguments: ElementForm.allCases)
    func request(form: ElementForm) async throws {
        below.script(.close, .fail(.unavailable, "x"), .next)
        try await bench.run(form) { chain in
            chain.ask("1")
            chain.close()
            #expect(chain.ask("2").isGood && chain.timers.isEmpty)
            chain.advance(by: .seconds(100))
            #expect(bench.order == "RCR" && below.sights(.request).map { $0.flags.contains(.first) } == [true, true])
            #expect(chain.close().isGood && bench.closed == ["1", "2"])
        }
    }

    @Test("a Request waits for a try that runs", arguments: ElementForm.allCases, [true, false])
    func requestWaits(form: ElementForm, isGood: Bool) async throws {
        below.script(.close, .fail(.unavailable, "x"), .hold, .next)
        try await bench.run(form) { chain in
            chain.ask("1")
            chain.close()
            chain.advance(by: .milliseconds(500))
            let waiting = chain.ask("2")
            #expect(!waiting.isAnswered)
            chain.resume(below, isGood ? .next : .fail(.unavailable, "x"))
            #expect(waiting.isGood && bench.order == "RCCR" && below.sights(.request).last?.flags.contains(.first) == true)
            chain.advance(by: .seconds(100))
            #expect(bench.order == "RCCR")
        }
    }

    @Test("a first Request that fails on what was kept leaves nothing", arguments: ElementForm.allCases)
    func requestFails(form: ElementForm) async throws {
        below.script(.close, .fail(.unavailable, "x"), .next)
        below.script(.request, .next, .fail(.aborted, "x"), .next)
        try await bench.run(form) { chain in
            chain.ask("1")
            chain.close()
            #expect(chain.ask("2").code == .aborted && chain.connectionCount == 0)
            chain.advance(by: .seconds(100))
            #expect(chain.close().isGood && chain.ask("3").isGood)
        }
    }

    @Test("a Close that comes between two tries is the next one", arguments: ElementForm.allCases)
    func close(form: ElementForm) async throws {
        below.script(.close, .fail(.unavailable, "x"), .next)
        try await bench.run(form) { chain in
            chain.ask("1")
            chain.close()
            #expect(chain.close().isGood && chain.connectionCount == 0)
            chain.advance(by: .seconds(100))
            #expect(below.count(.close) == 2)
        }
    }

    @Test("jobs and events are refused while a Close is to be tried again", arguments: ElementForm.allCases)
    func refused(form: ElementForm) async throws {
        below.script(.close, .fail(.unavailable, "x"), .next)
        let notes = Notes()
        try await bench.run(form, between: [.element(ExecutorTaker.self)]) { chain in
            chain.ask("retry-\(form)")
            let taken = try #require(Taken.by("retry-\(form)"))
            chain.close()
            taken.executor.exec({ $0.finish() }, refused: { notes.add($0.text) })
            _ = try? taken.host.events.request(taken.executor.connection) { notes.add($0.error?.text ?? "well") }
            chain.run()
            #expect(chain.connectionCount == 1)
            try? taken.executor.cancel()
            chain.run()
            #expect(chain.connectionCount == 1)
            #expect(notes.all == Array(repeating: "executor is already canceled: id", count: 2) && chain.connectionCount == 1)
            chain.advance(by: .seconds(1))
            #expect(chain.connectionCount == 0 && below.count(.close) == 2)
        }
    }
}
