// SPDX-License-Identifier: Apache-2.0
// Callers choose what stands in these values, so the rule is tested with the worst of them.

@testable import CatenaHost
import Testing

@Suite("values in log lines")
struct LogValueTests {
    @Test("a value stands as it is only where it can be taken for nothing else", arguments: [
        ("icmp", "icmp"), ("client>forwarder", "client>forwarder"), ("", "\"\""), ("a b", "\"a b\""), ("a=b", "\"a=b\""),
        ("say \"no\"", "\"say \\\"no\\\"\""), ("a\nb", "\"a\\nb\""), ("\u{1b}[31mred", "\"\\u{1b}[31mred\""), ("a\u{2028}b", "\"a\\u{2028}b\""),
        ("back\\slash", "\"back\\\\slash\""),
    ])
    func quoted(value: String, expected: String) {
        #expect(LogValue.shown(value, of: "service") == expected)
        #expect(LogValue.shown(value, of: "body") == expected)
    }

    @Test("a value of more than 1 KiB is cut between two characters, and says how long it was", arguments: [
        ("a", 1024, 1024, ""), ("a", 1025, 1024, "… (1025 bytes)"), ("é", 513, 512, "… (1026 bytes)"), ("漢", 100_000, 341, "… (300000 bytes)"),
        ("👍🏽", 129, 128, "… (1032 bytes)"),
    ])
    func cut(unit: String, count: Int, kept: Int, end: String) {
        #expect(LogValue.cut(String(repeating: unit, count: count)) == String(repeating: unit, count: kept) + end)
        #expect(LogValue.shown(String(repeating: unit, count: count), of: "id").utf8.count <= LogValue.longest + 30)
        // How much of a message is wanted stands in the config of the element that logs it.
        #expect(LogValue.shown(String(repeating: unit, count: count), of: "body") == String(repeating: unit, count: count))
    }
}
