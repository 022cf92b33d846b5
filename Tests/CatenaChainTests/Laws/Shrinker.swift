// SPDX-License-Identifier: Apache-2.0
// Makes a case that fails smaller while it still fails in the same law, so that what is printed can be read.

import Testing

@testable import CatenaChain

enum Shrinker {
    /// Shrinks the case and records it as a failure of the test.
    static func report(_ plan: LawCase) throws {
        var plan = plan
        var quiet: Set<Place> = []
        let first = try CaseRunner.run(plan)
        let law = first.violations.first?.prefix { $0 != ":" }
        var runs = 0
        let fails = { (plan: LawCase, quiet: Set<Place>) throws -> [Place]? in
            runs += 1
            guard runs < 3000 else { return nil }
            let outcome = try CaseRunner.run(plan, quiet: quiet)
            return outcome.violations.contains { $0.prefix { $0 != ":" } == law } ? outcome.loud : nil
        }
        var loud = first.loud
        var isSmaller = true
        while isSmaller {
            isSmaller = false
            for index in plan.calls.indices.reversed() {
                var smaller = plan
                smaller.calls.remove(at: index)
                guard let left = try fails(smaller, quiet) else { continue }
                (plan, loud, isSmaller) = (smaller, left, true)
            }
            for place in loud where !quiet.contains(place) {
                guard let left = try fails(plan, quiet.union([place])) else { continue }
                quiet.insert(place)
                (loud, isSmaller) = (left, true)
            }
        }
        let outcome = try CaseRunner.run(plan, quiet: quiet, isVerbose: true)
        let script = outcome.loud.map { "  \($0)" }.joined(separator: "\n")
        Issue.record(
            """
            seed \(plan.seed) breaks \(outcome.violations.joined(separator: "\n  "))
            \(plan)
            hooks that do something:
            \(script)
            \(outcome.journal)
            again: CATENA_LAWS_CASES=1 CATENA_LAWS_SEED=\(plan.seed) swift test --filter LawsTests
            """)
    }
}
