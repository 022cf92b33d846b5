// SPDX-License-Identifier: Apache-2.0
// Kinds that are one value. Each says what it expects in the same words in every module, as users read these messages more
// often than documentation.

extension ConfigKind where Value == String {
    /// A text that is not empty.
    public static var text: ConfigKind { text(orEmpty: false) }

    /// A text.
    /// - Parameter orEmpty: whether "" will do.
    public static func text(orEmpty: Bool) -> ConfigKind {
        let form = ConfigForm(
            orEmpty ? "a text" : "a text that is not empty", plural: "texts", documentation: orEmpty ? "a text" : "a text, not empty",
            schema: { orEmpty ? [.type("string")] : [.type("string"), .init("minLength", 1)] })
        return ConfigKind(
            form,
            read: { value, _, _ in
                guard case .string(let text) = value, orEmpty || !text.isEmpty else { return nil }
                return text
            }, write: { .string($0) })
    }
}

extension ConfigKind where Value == Bool {
    /// `true` or `false`.
    public static var bool: ConfigKind {
        let form = ConfigForm(
            "true or false", plural: "truth values", documentation: "`true` or `false`", schema: { [.type("boolean")] })
        return ConfigKind(
            form,
            read: { value, _, _ in
                guard case .bool(let value) = value else { return nil }
                return value
            }, write: { .bool($0) })
    }
}

extension ConfigKind where Value == Int {
    /// A whole number within a range.
    public static func int(in range: ClosedRange<Int>) -> ConfigKind {
        let bounds = "\(range.lowerBound) to \(range.upperBound)"
        let form = ConfigForm(
            "a whole number from \(bounds)", plural: "whole numbers", documentation: bounds,
            schema: { [.type("integer"), .init("minimum", range.lowerBound), .init("maximum", range.upperBound)] })
        return ConfigKind(
            form,
            read: { value, _, _ in
                guard case .number(let text) = value, let number = whole(text), range.contains(number) else { return nil }
                return number
            }, write: { .number(String($0)) })
    }

    /// For JSON Schema, `2.0` and `2e3` are whole numbers as well.
    private static func whole(_ text: String) -> Int? {
        Int(text) ?? Double(text).flatMap { Int(exactly: $0) }
    }
}

extension ConfigKind where Value == Double {
    /// A number within a range.
    public static func double(in range: ClosedRange<Double>) -> ConfigKind {
        let low = JSONValue.number(of: range.lowerBound), high = JSONValue.number(of: range.upperBound)
        let bounds = "\(low.text) to \(high.text)"
        let form = ConfigForm(
            "a number from \(bounds)", plural: "numbers", documentation: bounds,
            schema: { [.type("number"), JSONMember(key: "minimum", value: low), JSONMember(key: "maximum", value: high)] })
        return ConfigKind(
            form,
            read: { value, _, _ in
                guard case .number(let text) = value, let number = Double(text), range.contains(number) else { return nil }
                return number
            }, write: { .number(of: $0) })
    }
}
