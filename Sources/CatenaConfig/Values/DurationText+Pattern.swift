// SPDX-License-Identifier: Apache-2.0
//
// The language of durations as a pattern, made from the lengths of its units: how many digits may follow the point before they
// are less than a nanosecond, and how many may stand before it.

extension DurationText {
    /// A regular expression of ECMA-262 for the whole text. It takes what `parse` takes, and beyond that only numbers of as many
    /// digits as the longest duration has in that unit, and sums of such.
    static func pattern(mayBeZero: Bool) -> String {
        let numbers = units.map { unit in
            let digits = String(longest / unit.nanoseconds).utf8.count
            var decimals = 0
            var rest = unit.nanoseconds
            while rest.isMultiple(of: 10) { (decimals, rest) = (decimals + 1, rest / 10) }
            return #"(?:0*[0-9]{1,\#(digits)}(?:\.[0-9]{1,\#(decimals)}0*)?\#(unit.name))?"#
        }
        return "^(?=.*[\(mayBeZero ? 0 : 1)-9])\(numbers.joined())$"
    }
}
