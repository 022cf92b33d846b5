// SPDX-License-Identifier: Apache-2.0
//
// Names go into instance paths (`forwarder/connect/heal`), file names (`libheal.so`), metrics and logs.
// One narrow pattern fits all of them, so no name is ever quoted, escaped or mistaken for a path.

/// The rule for names of chains, element types and element instances.
public enum ConfigName {
    /// The longest name, in characters.
    public static let maximumLength = 64

    /// True for 1 to 64 of the letters a-z and A-Z, digits, `-`, `_` and `.`, of which the first is a letter or digit.
    public static func isValid(_ name: String) -> Bool { problem(with: name) == nil }

    /// A sentence's end that says what is wrong with the name, or nil.
    static func problem(with name: String) -> String? {
        let bytes = name.utf8
        guard let first = bytes.first else { return "is empty" }
        if bytes.contains(UInt8(ascii: "/")) {
            return "has a \"/\", which is reserved for instance paths such as forwarder/connect/heal"
        }
        let marks: [UInt8] = [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")]
        guard bytes.allSatisfy({ $0.isLetterOrDigit || marks.contains($0) }) else {
            return "may have letters, digits, \"-\", \"_\" and \".\" only"
        }
        guard first.isLetterOrDigit else { return "must begin with a letter or a digit" }
        guard bytes.count <= maximumLength else { return "is longer than \(maximumLength) characters" }
        return nil
    }
}

extension UInt8 {
    /// A letter or digit of ASCII.
    var isLetterOrDigit: Bool { isWordByte && self != UInt8(ascii: "_") && self != UInt8(ascii: "$") }

    /// A digit of ASCII.
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
