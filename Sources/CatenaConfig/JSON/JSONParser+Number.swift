// SPDX-License-Identifier: Apache-2.0
//
// Numbers are checked, not converted: a module that wants 2^63 exactly must still get it.
// Everything that could be meant as a number is taken in one piece first, so that `0x1F` is one mistake and not two.

extension JSONParser {
    /// Reads a number; one that is not in JSON's grammar is reported and kept as written.
    mutating func number() throws(Stop) -> JSONNode {
        let start = index
        let marks = [UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ".")]
        while let byte = current, byte.isWordByte || marks.contains(byte) { index += 1 }
        let bytes = source.bytes[start..<index]
        if let problem = JSONParser.problem(inNumber: bytes) {
            let text = String(decoding: bytes, as: UTF8.self)
            try report(at: start, "\(text.quoted(limit: 40)) is no JSON number: \(problem)")
        }
        return JSONNode(value: .number(String(decoding: bytes, as: UTF8.self)), span: start..<index)
    }

    /// What is wrong with a number's text, or nil.
    static func problem(inNumber text: ArraySlice<UInt8>) -> String? {
        var rest = text
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        if rest.first == UInt8(ascii: "+") { return "remove the \"+\"" }
        if rest.first == UInt8(ascii: ".") { return "write a digit before the point" }
        let whole = takeDigits(&rest)
        if whole.isEmpty {
            let word = String(decoding: rest, as: UTF8.self).lowercased()
            return ["nan", "inf", "infinity"].contains(word) ? "JSON has no NaN and no Infinity" : "a digit is missing"
        }
        if whole.count > 1, whole.first == UInt8(ascii: "0") { return "remove the leading zero" }
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            if takeDigits(&rest).isEmpty { return "write a digit after the point" }
        }
        if let exponent = rest.first, exponent | 0x20 == UInt8(ascii: "e") {
            rest.removeFirst()
            if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { rest.removeFirst() }
            if takeDigits(&rest).isEmpty { return "write a digit after the \"e\"" }
        }
        if rest.isEmpty { return nil }
        if whole.elementsEqual("0".utf8), let letter = rest.first, letter | 0x20 == UInt8(ascii: "x") {
            return "write it in decimal"
        }
        return "write it in digits only, or as a string in double quotes"
    }

    private static func takeDigits(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest[digits.endIndex...]
        return digits
    }
}
