// SPDX-License-Identifier: Apache-2.0
//
// The unit is never guessed: what has none, or an unknown one, is refused.
// The limits are those that still fit nanoseconds in 64 bits.

import CatenaConfig
import Testing

@Suite("Duration text")
struct DurationTextTests {
    @Test("reads numbers with units", arguments: [
        ("0s", .zero), ("250ms", .milliseconds(250)), ("5s", .seconds(5)), ("2m", .seconds(120)), ("1h", .seconds(3600)),
        ("7us", .microseconds(7)), ("1.5s", .milliseconds(1500)), ("1m30s", .seconds(90)), ("1h1m1s1ms1us", .microseconds(3_661_001_001)),
        ("0.001us", .nanoseconds(1)), ("1.50000000000000s", .milliseconds(1500)), ("007s", .seconds(7)), ("0.5h", .seconds(1800)),
        ("876000h", .seconds(3_153_600_000)),
    ] as [(String, Duration)])
    func accepted(text: String, duration: Duration) { #expect(DurationText.parse(text) == duration) }

    @Test("refuses everything else", arguments: [
        "", "5", "s", "-5s", "+5s", "5 s", " 5s", "5s ", "5S", "5sec", "5d", "1s1s", "1s1m", ".5s", "5.s", "1.5", "1..5s", "1e3s", "0.0001us",
        "876001h", "99999999999999999999h", "9223372036854775807us", "876000h1us", "٥s", "5s\u{301}", "1m30",
    ])
    func refused(text: String) { #expect(DurationText.parse(text) == nil) }
}
