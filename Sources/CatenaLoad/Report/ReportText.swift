// SPDX-License-Identifier: Apache-2.0
// Numbers for people: as many digits as one reads, and the unit beside them.

enum ReportText {
    /// `1,234,567`.
    static func grouped(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        var text = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return text
    }

    /// `1 error`, `2 errors`, of a noun that takes an s.
    static func counted(_ count: Int, _ noun: String) -> String { "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")" }

    /// With three digits that count: `812 us`, `1.24 ms`, `12.5 s`.
    static func duration(_ nanoseconds: Double) -> String {
        if nanoseconds < 999_500 { return "\(threeDigits(nanoseconds / 1e3)) us" }
        if nanoseconds < 999_500_000 { return "\(threeDigits(nanoseconds / 1e6)) ms" }
        return "\(threeDigits(nanoseconds / 1e9)) s"
    }

    /// Powers of 1000: `512 B`, `1.50 kB`, `28.1 MB`.
    static func bytes(_ count: Int) -> String {
        if count < 1000 { return "\(count) B" }
        var value = Double(count) / 1000
        for unit in ["kB", "MB", "GB"] {
            if value < 999.5 { return "\(threeDigits(value)) \(unit)" }
            value /= 1000
        }
        return "\(threeDigits(value)) TB"
    }

    private static func threeDigits(_ value: Double) -> String {
        if value >= 99.95 { return grouped(Int(value.rounded())) }
        let places = value >= 9.995 ? 1 : 2
        let scale = places == 1 ? 10 : 100
        let scaled = Int((value * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        return "\(scaled / scale).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
    }
}
