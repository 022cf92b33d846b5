// SPDX-License-Identifier: Apache-2.0
// What one empty hop costs, in and out together, through a separate .so: the price of being a plugin. The difference between a
// chain of n elements and a chain of none is divided by n, so what a call costs by itself is not in it.

import BenchmarkSupport
import CatenaChain

@main
enum HopBenchmark {
    /// The bound of DESIGN 2.16, for chains of at least `leastJudged` elements: a shorter one carries the noise of the difference whole.
    static let bound = 20.0
    private static let leastJudged = 8
    private static let retries = 4

    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let isCheck = arguments.first == "--check"
        let modules = arguments.filter { $0.hasSuffix(".so") }
        guard !modules.isEmpty else {
            fail("usage: HopBenchmark [--check] MODULE.so ...    (Benchmarks/hop.sh builds the modules and calls this)")
        }
        print("| module | elements | ns per hop, in and out | allocations per hop |")
        print("|---|---|---|---|")
        var worst = 0.0
        var mostAllocated = 0.0
        for path in modules {
            let type = elementType(in: path)
            let empty = copies(type, count: 0)
            for count in [1, 8, 64] {
                var (hop, allocated) = measure(copies(type, count: count), empty, count: count)
                // A burst of other load outlasts a measurement; what is too dear is so every time.
                let isJudged = count >= leastJudged
                for _ in 0..<retries where isCheck && isJudged && hop > bound {
                    hop = min(hop, measure(copies(type, count: count), empty, count: count).nanoseconds)
                }
                print("| \(type.id) | \(count) | \(round(hop)) | \(allocated) |")
                if isJudged { worst = max(worst, hop) }
                mostAllocated = max(mostAllocated, allocated)
            }
        }
        guard isCheck else { return }
        guard worst <= bound else { fail("a hop costs \(round(worst)) ns, the bound is \(bound) ns") }
        guard mostAllocated == 0 else { fail("a hop allocates \(mostAllocated) times") }
        print("at most \(bound) ns and no allocation: kept")
    }

    /// The best of many short runs over several equal chains: other load on the machine only ever adds, and where in memory one
    /// chain happens to lie shifts a whole call by as much as a hop costs.
    private static func measure(_ chains: [HopChain], _ empty: [HopChain], count: Int) -> (nanoseconds: Double, allocations: Double) {
        let calls = 200
        var best = Double.infinity
        var bestEmpty = Double.infinity
        for round in 0..<4000 {
            best = min(best, chains[round % chains.count].time(calls: calls))
            bestEmpty = min(bestEmpty, empty[round % empty.count].time(calls: calls))
        }
        let full = allocations { _ = chains[0].time(calls: calls) }
        let none = allocations { _ = empty[0].time(calls: calls) }
        return (max(0, best - bestEmpty) / Double(count), (full - none) / Double(calls * count))
    }

    private static func copies(_ type: ElementType, count: Int) -> [HopChain] {
        (0..<16).map { _ in HopChain(type, count: count) }
    }

    private static func round(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
