// SPDX-License-Identifier: Apache-2.0
// Durations of chains.json on their way into the engine, which counts in nanoseconds.

@testable import CatenaHost
import Testing

@Suite("durations")
struct DurationTests {
    @Test("a duration becomes whole nanoseconds, and never a negative number", arguments: [
        (Duration.milliseconds(1500), UInt64(1_500_000_000)), (.zero, 0), (.seconds(-1), 0), (.seconds(Int64.max), .max),
    ])
    func nanoseconds(duration: Duration, expected: UInt64) {
        #expect(duration.nanoseconds == expected)
    }
}
