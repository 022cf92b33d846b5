// SPDX-License-Identifier: Apache-2.0
// Durations as texts with units, so that no reader of chains.json has to guess whether 5 is seconds. Units go from long to
// short, each at most once: "1m30s" is one, "30s1m" is a slip.

enum DurationText {
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1),
    ]

    /// nil for a text that is no duration, or one of more than 292 years.
    static func parse(_ text: String) -> Duration? {
        var rest = text[...]
        var remaining = units[...]
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard let amount = Int64(digits), let index = remaining.firstIndex(where: { $0.name == name }) else { return nil }
            let (span, tooLong) = amount.multipliedReportingOverflow(by: remaining[index].nanoseconds)
            let (sum, overflow) = total.addingReportingOverflow(span)
            if tooLong || overflow { return nil }
            total = sum
            remaining = remaining[(index + 1)...]
        }
        return text.isEmpty ? nil : .nanoseconds(total)
    }
}
