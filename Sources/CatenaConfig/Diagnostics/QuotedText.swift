// SPDX-License-Identifier: Apache-2.0
//
// Messages repeat words of the user's file and of modules, which may hold line feeds, escape sequences or text that runs backwards.
// Everything that is printed goes through here, so a diagnostic is always one line and always what it seems.

extension String {
    /// The text with every control or invisible scalar written as `\u{…}`.
    package var singleLine: String {
        guard unicodeScalars.contains(where: \.mustBeEscaped) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            if scalar.mustBeEscaped {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// The text, or of one that has more than `limit` scalars both ends.
    func shortened(to limit: Int) -> String {
        guard utf8.count > limit, unicodeScalars.count > limit else { return self }
        return "\(String(unicodeScalars.prefix(limit / 2)))…\(String(unicodeScalars.suffix(limit / 2)))"
    }

    /// The text in double quotes, on one line, cut after `limit` scalars.
    func quoted(limit: Int = 80) -> String {
        let scalars = unicodeScalars.prefix(limit)
        let cut = scalars.endIndex < unicodeScalars.endIndex
        return "\"\(String(scalars).singleLine)\(cut ? "…" : "")\""
    }
}
