// SPDX-License-Identifier: Apache-2.0
// What a turn costs. An anchor that does nothing stands in serialize's place, and the difference is serialize's: what the engine does
// for any anchor, the look-up of the connection and the stored message, is in both.

import BenchmarkSupport
import CatenaChain
import CatenaNSM
import Glibc
import Synchronization

@main
enum SerializeBenchmark {
    /// Nanoseconds, and allocations of one call.
    static let uncontended = 200.0
    static let contended = 300.0
    static let mostAllocated = 1.0
    private static let rounds = 300
    private static let retries = 4

    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard let path = arguments.first(where: { $0.hasSuffix(".so") }) else {
            fail("usage: SerializeBenchmark [--check] libserialize.so    (Benchmarks/serialize.sh builds it and calls this)")
        }
        let isCheck = arguments.contains("--check"), serialize = elementType(in: path), empty = BenchTypes.anchor
        var alone = measureAlone(serialize, empty), together = measureTogether(serialize, empty)
        // A burst of other load outlasts a measurement; what is too dear is so every time.
        for _ in 0..<retries where isCheck {
            if alone.nanoseconds > uncontended { alone = min(alone, measureAlone(serialize, empty)) }
            if together.nanoseconds > contended { together = min(together, measureTogether(serialize, empty)) }
        }
        let line = measureLine(serialize), whole = measureWhole(serialize), crossing = measureCrossing(serialize)
        print("| what | ns per call | allocations per call |")
        print("|---|---|---|")
        print("| serialize, one caller, beside an empty anchor | \(text(alone.nanoseconds)) | \(text(alone.allocations)) |")
        print("| serialize, 100 callers on one id, beside an empty anchor with 100 ids | \(text(together.nanoseconds)) | \(text(together.allocations)) |")
        print("| the same, beside a line of tickets for one id | \(text(line.nanoseconds)) | \(text(line.allocations)) |")
        print("| serialize and all that an anchor brings, one caller, beside no anchor | \(text(whole.nanoseconds)) | \(text(whole.allocations)) |")
        print("| a crossing: 100 callers on another loop than their connection's, there and back | \(text(crossing)) | |")
        guard isCheck else { return }
        guard alone.nanoseconds <= uncontended else { fail("a turn costs \(text(alone.nanoseconds)) ns, the bound is \(uncontended)") }
        guard together.nanoseconds <= contended else { fail("a turn that was waited for costs \(text(together.nanoseconds)) ns, the bound is \(contended)") }
        guard max(alone.allocations, together.allocations) <= mostAllocated else { fail("a turn allocates more than once") }
        print("at most \(uncontended) ns alone, \(contended) ns among 100, and \(Int(mostAllocated)) allocation: kept")
    }

    struct Cost {
        var nanoseconds: Double
        var allocations: Double
    }

    private static func min(_ left: Cost, _ right: Cost) -> Cost { left.nanoseconds < right.nanoseconds ? left : right }

    // MARK: Measuring. The least of many short runs, in turns: other load only ever adds.

    private static func measureAlone(_ anchor: ElementType, _ empty: ElementType) -> Cost {
        difference(chains([anchor, BenchTypes.pass]), chains([empty, BenchTypes.pass]), calls: 200) { $0.time(calls: $1) }
    }

    private static func measureWhole(_ anchor: ElementType) -> Cost {
        difference(chains([anchor, BenchTypes.pass]), chains([BenchTypes.pass]), calls: 200) { $0.time(calls: $1) }
    }

    private static func measureTogether(_ anchor: ElementType, _ empty: ElementType) -> Cost {
        let one = chains([anchor, BenchTypes.later], callers: 100, count: 1)
        let many = chains([empty, BenchTypes.later], callers: 100, ids: 100, count: 1)
        return difference(one, many, calls: 20, perCall: 100) { $0.timeTogether(calls: $1) }
    }

    /// Beside the barest line: what waiting costs in the engine, to be told later and to be gone on with, is in both.
    private static func measureLine(_ anchor: ElementType) -> Cost {
        let one = chains([anchor, BenchTypes.later], callers: 100, count: 1)
        let other = chains([BenchTypes.line, BenchTypes.later], callers: 100, count: 1)
        return difference(one, other, calls: 20, perCall: 100) { $0.timeTogether(calls: $1) }
    }

    private static func chains(_ elements: [ElementType], callers: Int = 1, ids: Int = 1, count: Int = 8) -> [TurnChain] {
        (0..<count).map { _ in TurnChain(elements, callers: callers, ids: ids, loops: [TurnedLoop()]) }
    }

    private static func difference(
        _ full: [TurnChain], _ empty: [TurnChain], calls: Int, perCall: Int = 1, _ time: (TurnChain, Int) -> Double
    ) -> Cost {
        var best = Double.infinity, bestEmpty = Double.infinity
        for round in 0..<rounds {
            best = Swift.min(best, time(full[round % full.count], calls))
            bestEmpty = Swift.min(bestEmpty, time(empty[round % empty.count], calls))
        }
        if CommandLine.arguments.contains("--raw") { print("\(text(best)) \(text(bestEmpty))") }
        let more = allocations { _ = time(full[0], calls) } - allocations { _ = time(empty[0], calls) }
        return Cost(nanoseconds: max(0, best - bestEmpty), allocations: max(0, more / Double(calls * perCall)))
    }

    /// 100 callers and their connections on one loop, and then on two: the connections stay where they were begun.
    private static func measureCrossing(_ anchor: ElementType) -> Double {
        let here = TurnedLoop(), there = TurnedLoop(isMine: false)
        let near = TurnChain([anchor, BenchTypes.pass], callers: 100, ids: 100, loops: [here])
        let far = TurnChain([anchor, BenchTypes.pass], callers: 100, ids: 100, loops: [here, there])
        let other = OtherThread(loop: there) { far.open(on: there) }
        var best = Double.infinity, bestNear = Double.infinity
        for _ in 0..<rounds {
            bestNear = Swift.min(bestNear, near.timeCrossing(calls: 20))
            best = Swift.min(best, far.timeCrossing(calls: 20))
        }
        other.end()
        return best - bestNear
    }

    private static func text(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
