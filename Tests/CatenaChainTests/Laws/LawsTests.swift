// SPDX-License-Identifier: Apache-2.0
// The engine's laws over random chains: who is entered sees its Close, rollback is complete and in order, nothing overlaps, no
// slot outlives its end, no ticket moves another's step, no call is lost; and every hook is the one that the model predicts.
//
// CATENA_LAWS_CASES is the number of cases, CATENA_LAWS_SEED the seed to begin with. A case that fails prints its own seed:
// CATENA_LAWS_CASES=1 CATENA_LAWS_SEED=<seed> runs it again.

import Foundation
import Testing

@testable import CatenaChain

@Suite("Laws")
struct LawsTests {
    #if DEBUG
    private static let standard = 20_000
    #else
    private static let standard = 100_000
    #endif

    private static func number(_ name: String) -> UInt64? { ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } }

    @Test("hold for random chains, calls, answers and times")
    func random() throws {
        let count = Int(Self.number("CATENA_LAWS_CASES") ?? UInt64(Self.standard))
        let seed = Self.number("CATENA_LAWS_SEED") ?? 1
        var failures = 0
        var predicted = 0
        var hooks = 0
        for index in 0..<UInt64(count) {
            let plan = CaseGenerator.make(seed &+ index)
            let outcome = try CaseRunner.run(plan)
            predicted += outcome.predicted
            hooks += outcome.hooks
            guard !outcome.violations.isEmpty else { continue }
            failures += 1
            try Shrinker.report(plan)
            if failures == 3 { break }
        }
        print("laws: \(count) cases from seed \(seed), \(hooks) events, \(predicted) calls predicted")
    }
}
