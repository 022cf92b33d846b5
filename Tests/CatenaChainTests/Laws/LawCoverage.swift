// SPDX-License-Identifier: Apache-2.0
// What cases came across. A property test that meets nothing passes too, so the things that the laws speak of are counted, and
// each has to be met.

import CatenaABI

@testable import CatenaChain

/// How often something was met.
struct LawCoverage {
    enum Feature: String, CaseIterable {
        case hook, undo, refresh, again, cancel, late, left, deadline, refused, wrong, event, abandoned, job, timer, post, withdrawn
        case writtenOff, takenOut, client, deep, rebind, moved, timeLimit, orphan, stopping, predicted
        case fired, refusedJob, lateJob, removed, kept, aborted
    }

    private(set) var counts: [Feature: Int] = [:]

    mutating func add(_ feature: Feature, _ count: Int = 1) { counts[feature, default: 0] += count }

    mutating func add(_ other: LawCoverage) { counts.merge(other.counts, uniquingKeysWith: +) }

    /// What was not met at all.
    var missing: [Feature] { Feature.allCases.filter { counts[$0, default: 0] == 0 } }

    /// Looks through what happened in a case.
    mutating func read(_ world: LawWorld) {
        for (_, event) in world.book.events {
            switch event {
            case .hook(_, let step, let conn): read(step, conn, world.plan)
            case .resumed(_, _, _, _, let status): if status == CATENA_GONE { add(.late) }
            case .verdict(_, _, _, let verdict): if verdict > CATENA_AGAIN { add(.wrong) }
            case .answer(_, let code): if code == CATENA_DEADLINE_EXCEEDED { add(.deadline) }
            case .dropped(_, _, let reason):
                if reason == CATENA_EXPIRED { add(.orphan) }
                if reason == CATENA_STOPPING { add(.stopping) }
            case .left: add(.left)
            case .met(let feature): add(feature)
            case .nextHop, .turn, .began, .note: break
            }
        }
        add(.job, world.inner.count)
    }

    private mutating func read(_ step: Step, _ conn: catena_conn, _ plan: LawCase) {
        add(.hook)
        if step.reason == CATENA_ROLLBACK { add(.undo) }
        if step.hook == .request, conn != 0, step.flags & CATENA_HOP_FIRST == 0 { add(.refresh) }
        if step.attempt > 1 { add(.again) }
        if step.element >= plan.chains[0].count { add(.client) }
        if plan.chains.count > 2, step.element >= plan.chains[0].count + plan.chains[1].count { add(.deep) }
    }
}

extension LawCoverage: CustomStringConvertible {
    var description: String {
        Feature.allCases.map { "\($0.rawValue) \(counts[$0, default: 0])" }.joined(separator: ", ")
    }
}
