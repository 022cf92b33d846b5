// SPDX-License-Identifier: Apache-2.0
// What one empty hop costs, in and out together, through a separate .so: the price of being a plugin. The difference between a
// chain of n elements and a chain of none is divided by n, so what a call costs by itself is not in it.

import CatenaABI
import CatenaChain
import Glibc

@main
enum HopBenchmark {
    /// The bound of DESIGN 2.16, for chains of 8 and more; the shortest chain carries the whole noise of the difference.
    static let bound = 20.0

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
        var allocations = 0.0
        for path in modules {
            let type = load(path)
            let empty = HopChain(type, count: 0)
            for count in [1, 8, 64] {
                let chain = HopChain(type, count: count)
                let (hop, allocated) = measure(chain, empty, count: count)
                print("| \(type.id) | \(count) | \(round(hop)) | \(allocated) |")
                worst = max(worst, hop)
                allocations = max(allocations, allocated)
            }
        }
        guard isCheck else { return }
        guard worst <= bound else { fail("a hop costs \(round(worst)) ns, the bound is \(bound) ns") }
        guard allocations == 0 else { fail("a hop allocates \(allocations) times") }
        print("at most \(bound) ns and no allocation: kept")
    }

    /// The best of many short runs: other load on the machine only ever adds.
    private static func measure(_ chain: HopChain, _ empty: HopChain, count: Int) -> (nanoseconds: Double, allocations: Double) {
        let calls = 200
        var best = Double.infinity
        var bestEmpty = Double.infinity
        for _ in 0..<3000 {
            best = min(best, chain.time(calls: calls))
            bestEmpty = min(bestEmpty, empty.time(calls: calls))
        }
        let before = AllocationCount.now
        _ = chain.time(calls: calls)
        let full = AllocationCount.now - before
        let beforeEmpty = AllocationCount.now
        _ = empty.time(calls: calls)
        let none = AllocationCount.now - beforeEmpty
        return ((best - bestEmpty) / Double(count), (Double(full) - Double(none)) / Double(calls * count))
    }

    private static func load(_ path: String) -> ElementType {
        do throws(ModuleError) {
            guard let type = try Module(path: path).types.first else { fail("\(path) offers no type") }
            return type
        } catch {
            fail("\(error)")
        }
    }

    private static func round(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    static func fail(_ text: String) -> Never {
        let line = Array("HopBenchmark: \(text)\n".utf8)
        write(STDERR_FILENO, line, line.count)
        exit(1)
    }
}
