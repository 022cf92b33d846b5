// SPDX-License-Identifier: Apache-2.0
// Durations as texts with units, so that no reader of chains.json has to guess whether 5 is seconds. Units go from long to
// short, each at most once: "1m30s" is one, "30s1m" is a slip.

enum DurationText {
    /// With the most digits that each may have: so many that no sum of them goes beyond 64 bits of nanoseconds, which a
    /// pattern could not say.
    private static let units: [(name: String, nanoseconds: Int64, digits: Int)] = [
        ("h", 3_600_000_000_000, 6), ("m", 60_000_000_000, 7), ("s", 1_000_000_000, 9), ("ms", 1_000_000, 12), ("us", 1_000, 15),
        ("ns", 1, 18),
    ]

    /// nil for a text that is no duration.
    static func parse(_ text: String) -> Duration? {
        var rest = text[...]
        var remaining = units[...]
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard let index = remaining.firstIndex(where: { $0.name == name }), digits.count <= remaining[index].digits,
                let amount = Int64(digits)
            else { return nil }
            total += amount * remaining[index].nanoseconds
            remaining = remaining[(index + 1)...]
        }
        return text.isEmpty ? nil : .nanoseconds(total)
    }

    /// The shortest text of a span of whole nanoseconds: `"1m30s"`.
    static func text(of span: Duration) -> String {
        var rest = span.nanoseconds
        var text = ""
        for unit in units {
            let (amount, remainder) = rest.quotientAndRemainder(dividingBy: UInt64(unit.nanoseconds))
            if amount > 0 { text += "\(amount)\(unit.name)" }
            rest = remainder
        }
        return text.isEmpty ? "0s" : text
    }

    /// The same language as a regular expression of ECMA-262.
    static func pattern(orZero: Bool) -> String {
        "^(?=.*[\(orZero ? 0 : 1)-9])" + units.map { "(?:[0-9]{1,\($0.digits)}\($0.name))?" }.joined() + "$"
    }
}
