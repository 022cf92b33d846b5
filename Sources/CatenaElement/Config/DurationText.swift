// SPDX-License-Identifier: Apache-2.0
// Durations as texts with units, so that no reader of chains.json has to guess whether 5 is seconds. Units go from long to
// short, each at most once: "1m30s" and "1.5s" are, "30s1m" is a slip.

enum DurationText {
    /// With the most digits that each may have before the point: so many that no sum of them goes beyond 64 bits of nanoseconds,
    /// which a pattern could not say. And after it: down to one nanosecond.
    private static let units: [(name: String, nanoseconds: Int64, digits: Int, decimals: Int)] = [
        ("h", 3_600_000_000_000, 6, 11), ("m", 60_000_000_000, 7, 10), ("s", 1_000_000_000, 9, 9), ("ms", 1_000_000, 12, 6),
        ("us", 1_000, 15, 3), ("ns", 1, 18, 0),
    ]

    /// For the end of a message about a text that is none.
    static let rule = "numbers, each with its unit, h, m, s, ms, us or ns, the larger ones first, such as \"1m30s\"; at most 999999h"

    /// nil for a text that is no duration.
    static func parse(_ text: String) -> Duration? {
        var rest = text[...]
        var remaining = units[...]
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = takeDigits(&rest)
            var decimals: Substring = ""
            if rest.first == "." {
                rest.removeFirst()
                decimals = takeDigits(&rest)
                guard !decimals.isEmpty else { return nil }
            }
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard let index = remaining.firstIndex(where: { $0.name == name }), digits.count <= remaining[index].digits,
                decimals.count <= remaining[index].decimals, let amount = Int64(digits)
            else { return nil }
            var step = remaining[index].nanoseconds
            total += amount * step
            for digit in decimals {
                step /= 10
                total += Int64(digit.wholeNumberValue ?? 0) * step
            }
            remaining = remaining[(index + 1)...]
        }
        return text.isEmpty ? nil : .nanoseconds(total)
    }

    private static func takeDigits(_ rest: inout Substring) -> Substring {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        return digits
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
        let parts = units.map { unit in
            let decimals = unit.decimals > 0 ? "(?:[.][0-9]{1,\(unit.decimals)})?" : ""
            return "(?:[0-9]{1,\(unit.digits)}\(decimals)\(unit.name))?"
        }
        return "^(?=.*[\(orZero ? 0 : 1)-9])" + parts.joined() + "$"
    }
}
