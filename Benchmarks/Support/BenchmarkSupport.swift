// SPDX-License-Identifier: Apache-2.0
// What the benchmarks in one process have in common: the clock, the counter of allocations, the modules they are given, and how they fail.

package import CatenaChain
internal import Glibc

/// Nanoseconds of the monotonic clock.
package func clock() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Ends the benchmark.
package func fail(_ text: String) -> Never {
    let line = Array("\(CommandLine.arguments[0].split(separator: "/").last ?? "benchmark"): \(text)\n".utf8)
    write(STDERR_FILENO, line, line.count)
    exit(1)
}

/// The first type that a module offers.
package func elementType(in path: String) -> ElementType {
    do throws(ModuleError) {
        guard let type = try Module(path: path).types.first else { fail("\(path) offers no type") }
        return type
    } catch {
        fail("\(error)")
    }
}

/// How often this thread asks for memory meanwhile, as malloc-count.c counts it.
package func allocations(_ body: () -> Void) -> Double {
    let before = AllocationCount.now
    body()
    return Double(AllocationCount.now - before)
}

private enum AllocationCount {
    private typealias Count = @convention(c) () -> UInt64

    private static let count: Count = {
        guard let symbol = dlsym(nil, "catena_allocations") else {
            fail("allocations are not counted: run the script in Benchmarks/ that calls this, and preloads the counter")
        }
        return unsafeBitCast(symbol, to: Count.self)
    }()

    static var now: UInt64 { count() }
}
