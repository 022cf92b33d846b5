// SPDX-License-Identifier: Apache-2.0
//
// A bare number leaves the reader to guess the unit, and guesses differ by a factor of a thousand.
// Durations are therefore text with a unit, the same text in chains.json, in module configs and on the command line.

/// Durations as people write them: `"250ms"`, `"5s"`, `"1.5s"`, `"1m30s"`.
public enum DurationText {
    /// Parses one or more numbers, each with its unit: h, m, s, ms or us, the larger units first, each at most once.
    ///
    /// A number may have a fraction (`1.5s`), down to one nanosecond. There is no sign, no white space and no number without a
    /// unit: zero is `"0s"`. Returns nil for any other text, and for more than 100 years (876,000 h).
    public static func parse(_ text: String) -> Duration? {
        var rest = Substring(text).utf8[...]
        var total: Int64 = 0
        var previous = Int64.max
        repeat {
            guard let number = takeNumber(&rest), let unit = takeUnit(&rest), unit < previous,
                let amount = nanoseconds(number, unit: unit), amount <= longest - total
            else { return nil }
            total += amount
            previous = unit
        } while !rest.isEmpty
        return .nanoseconds(total)
    }

    /// For the end of an error message.
    static let expectation = "a duration such as \"5s\""

    /// For the end of an error message about a text that is none.
    public static let rule = "numbers, each with its unit, h, m, s, ms or us, the larger ones first, such as \"1m30s\"; at most 876000h"

    static let longest: Int64 = 876_000 * 3_600_000_000_000

    /// The larger ones first.
    static let units: [(name: String, nanoseconds: Int64)] = [
        ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000),
    ]

    private typealias Bytes = Substring.UTF8View

    private static func takeNumber(_ rest: inout Bytes) -> (whole: Bytes, fraction: Bytes)? {
        let whole = rest.prefix { $0.isDigit }
        guard !whole.isEmpty else { return nil }
        rest = rest[whole.endIndex...]
        guard rest.first == UInt8(ascii: ".") else { return (whole, rest.prefix(0)) }
        rest = rest.dropFirst()
        let fraction = rest.prefix { $0.isDigit }
        guard !fraction.isEmpty else { return nil }
        rest = rest[fraction.endIndex...]
        return (whole, fraction)
    }

    /// Takes the unit and returns its length in nanoseconds.
    private static func takeUnit(_ rest: inout Bytes) -> Int64? {
        let unit = rest.prefix { !$0.isDigit && $0 != UInt8(ascii: ".") }
        rest = rest[unit.endIndex...]
        let name = String(Substring(unit))
        return units.first { $0.name == name }?.nanoseconds
    }

    private static func nanoseconds(_ number: (whole: Bytes, fraction: Bytes), unit: Int64) -> Int64? {
        var amount: Int64 = 0
        for digit in number.whole {
            amount = amount * 10 + Int64(digit - UInt8(ascii: "0"))
            guard amount <= longest / unit else { return nil }
        }
        amount *= unit
        var step = unit
        for digit in number.fraction {
            if step.isMultiple(of: 10) {
                step /= 10
                amount += Int64(digit - UInt8(ascii: "0")) * step
            } else if digit != UInt8(ascii: "0") {
                return nil
            }
        }
        return amount
    }
}
