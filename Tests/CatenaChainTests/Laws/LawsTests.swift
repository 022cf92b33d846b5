// SPDX-License-Identifier: Apache-2.0
// The engine's laws over random chains: who is entered sees its Close, rollback is complete and in order, nothing overlaps, no
// slot outlives its end, no ticket moves another's step, no call is lost; and every hook is the one that the model predicts.
//
// CATENA_LAWS_CASES is the number of cases, CATENA_LAWS_SEED the seed to begin with, or "random". A case that fails prints its own
// seed, and is run again by CATENA_LAWS_CASES=1 CATENA_LAWS_SEED=<seed>; .ci/laws.sh runs 10^5 of them. After a crash
// CATENA_LAWS_TRACE=1 tells the seed of each case before it runs.

import Foundation
import Glibc
import Testing

@testable import CatenaChain

@Suite("Laws")
struct LawsTests {
    /// Always the same cases, in two series that run side by side.
    private static let series: [(seed: UInt64, cases: Int)] = {
        let environment = ProcessInfo.processInfo.environment
        let cases = environment["CATENA_LAWS_CASES"].flatMap { Int($0) } ?? 8000
        switch environment["CATENA_LAWS_SEED"] {
        case "random": return [(.random(in: 1...(1 << 62)), cases)]
        case let seed?: return [(UInt64(seed) ?? 1, cases)]
        case nil: return [(1, cases / 2), (1 << 32, cases - cases / 2)]
        }
    }()

    private static func say(_ line: String) {
        print(line)
        fflush(nil)
    }

    @Test("hold for random chains, calls, answers and times", arguments: series)
    func random(seed: UInt64, cases: Int) throws {
        // A process that crashes says nothing any more.
        Self.say("laws begin at seed \(seed)")
        let isTraced = ProcessInfo.processInfo.environment["CATENA_LAWS_TRACE"] != nil
        var failures = 0
        var coverage = LawCoverage()
        for index in 0..<UInt64(cases) where failures < 3 {
            if isTraced { Self.say("laws at seed \(seed &+ index)") }
            let plan = CaseGenerator.make(seed &+ index)
            let outcome = try CaseRunner.run(plan)
            coverage.add(outcome.coverage)
            guard !outcome.violations.isEmpty else { continue }
            failures += 1
            try Shrinker.report(plan)
        }
        print("laws: \(cases) cases from seed \(seed): \(coverage)")
        #expect(failures > 0 || cases < 5000 || coverage.missing == [], "the cases do not come across everything")
    }
}
