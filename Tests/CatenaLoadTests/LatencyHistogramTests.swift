// SPDX-License-Identifier: Apache-2.0
// The histogram against what it stands for: all latencies, sorted, and the one at the rank that is asked for.

import CatenaLoad
import Testing

@Suite("a latency histogram")
struct LatencyHistogramTests {
    /// Ways in which latencies are spread.
    enum Spread: CaseIterable, Sendable {
        case small, uniform, exponential, powersOfTwo, twoHumps

        func values(_ count: Int, using random: inout some RandomNumberGenerator) -> [UInt64] {
            (0..<count).map { index -> UInt64 in
                switch self {
                case .small: .random(in: 0..<300, using: &random)
                case .uniform: .random(in: 0..<10_000_000_000, using: &random)
                case .exponential: (1 << UInt64.random(in: 0..<40, using: &random)) + .random(in: 0..<1000, using: &random)
                case .powersOfTwo: (1 << UInt64(index % 63)) - UInt64(index % 2)
                case .twoHumps: .random(in: index.isMultiple(of: 100) ? 4_000_000..<9_000_000 : 50_000..<60_000, using: &random)
                }
            }
        }
    }

    @Test(
        "gives percentiles that are never below the exact ones, nor more than its error above", arguments: Spread.allCases,
        [1, 2, 100, 1000, 20_011])
    func percentiles(spread: Spread, count: Int) {
        var random = SystemRandomNumberGenerator()
        let values = spread.values(count, using: &random)
        var histogram = LatencyHistogram()
        for value in values { histogram.record(value) }
        let sorted = values.sorted()
        // In thousandths of a percent, so that the rank is exact here.
        for percent in [0, 1, 10_000, 50_000, 90_000, 99_000, 99_900, 99_990, 100_000] {
            let exact = sorted[max(1, (count * percent + 99_999) / 100_000) - 1]
            let given = histogram.percentile(Double(percent) / 1000)
            #expect(given >= exact, "\(percent)")
            #expect(Double(given) <= Double(exact) * (1 + LatencyHistogram.relativeError), "\(percent): \(given), not \(exact)")
        }
        #expect(histogram.count == UInt64(count))
        #expect(histogram.min == sorted.first)
        #expect(histogram.max == sorted.last)
        #expect(histogram.percentile(100) == sorted.last)
        let mean = values.reduce(0.0) { $0 + Double($1) } / Double(count)
        #expect(abs(histogram.mean - mean) <= mean * 1e-9)
    }

    @Test("is exact below 256 ns")
    func exact() {
        var histogram = LatencyHistogram()
        for value in 0..<256 as Range<UInt64> { histogram.record(value) }
        for rank in 1...256 { #expect(histogram.percentile(Double(rank) / 2.56) == UInt64(rank - 1)) }
    }

    @Test("takes the largest number there is")
    func largest() {
        var histogram = LatencyHistogram()
        histogram.record(.max)
        #expect(histogram.percentile(50) == .max)
        #expect(histogram.min == .max && histogram.max == .max)
    }

    @Test("that is empty has zeros")
    func empty() {
        let histogram = LatencyHistogram()
        #expect(histogram.percentile(50) == 0)
        #expect(histogram.min == 0 && histogram.max == 0 && histogram.mean == 0 && histogram.count == 0)
    }
}
