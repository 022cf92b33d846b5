// SPDX-License-Identifier: Apache-2.0
// Percentiles of any number of latencies in memory that does not grow. Buckets are equally wide up to 128 ns, and from there on
// twice as wide with each power of two, so that the relative error is the same for a microsecond and for a minute.

/// Counts of latencies in nanoseconds, from 0 to the largest number there is.
package struct LatencyHistogram: Sendable {
    /// A percentile is never below the exact one, and above it by at most this part of it.
    package static let relativeError = 1.0 / Double(width)

    /// Each power of two has this many buckets.
    private static let width: UInt64 = 128
    private static let widthBits = 7

    private var buckets = [UInt64](repeating: 0, count: index(of: .max) + 1)
    /// How many were recorded.
    package private(set) var count: UInt64 = 0
    /// The largest one, exactly; 0 when there is none.
    package private(set) var max: UInt64 = 0
    private var lowest = UInt64.max
    private var sum = 0.0

    package init() {}

    /// Counts one latency.
    package mutating func record(_ nanoseconds: UInt64) {
        buckets[Self.index(of: nanoseconds)] += 1
        count += 1
        if nanoseconds > max { max = nanoseconds }
        if nanoseconds < lowest { lowest = nanoseconds }
        sum += Double(nanoseconds)
    }

    /// The smallest one, exactly; 0 when there is none.
    package var min: UInt64 { count == 0 ? 0 : lowest }

    /// 0 when there is none.
    package var mean: Double { count == 0 ? 0 : sum / Double(count) }

    /// The least latency that `percent` of all do not exceed, within ``relativeError``; 0 when there is none.
    ///
    /// - Parameter percent: 0 to 100.
    package func percentile(_ percent: Double) -> UInt64 {
        // Rounded before it is rounded up: 99.9 % of 1000 are 999, and not a little more.
        let exact = (percent / 100 * Double(count) * 1e6).rounded() / 1e6
        let rank = Swift.max(1, UInt64(exact.rounded(.up)))
        var seen: UInt64 = 0
        for (index, bucket) in buckets.enumerated() where bucket > 0 {
            seen += bucket
            if seen >= rank { return Swift.min(Self.last(of: index), max) }
        }
        return max
    }

    private static func index(of value: UInt64) -> Int {
        guard value >= width else { return Int(value) }
        let shift = UInt64.bitWidth - 1 - widthBits - value.leadingZeroBitCount
        return (shift << widthBits) + Int(value >> UInt64(shift))
    }

    /// The largest value that is counted in a bucket.
    private static func last(of index: Int) -> UInt64 {
        guard index >= Int(width) else { return UInt64(index) }
        let shift = index >> widthBits - 1
        let first = UInt64(index & Int(width - 1)) + width
        return first << UInt64(shift) | ((1 << UInt64(shift)) - 1)
    }
}
