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
        #expect(LogValue.quoted(value) == expected)
    }
}
