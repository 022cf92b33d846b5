// SPDX-License-Identifier: Apache-2.0
//
// A schema of one value as a phrase. It knows the keywords that configs are made of, and says no more than it knows: what
// it cannot tell stands in the schema, which "catena schema" prints.

/// Puts schemas into words.
enum SchemaWords {
    /// A phrase such as `a whole number from 1 to 1024`.
    static func value(of schema: JSONNode) -> String {
        if let choices = schema.child("enum") { return choices.elements.map(\.lineText).joined(separator: ", ") }
        if let constant = schema.child("const") { return constant.lineText }
        let types = schema.child("type").map { $0.text.map { [$0] } ?? $0.elements.compactMap(\.text) } ?? []
        return types.isEmpty ? "any value" : types.map { value(ofType: $0, schema) }.joined(separator: " or ")
    }

    private static func value(ofType type: String, _ schema: JSONNode) -> String {
        switch type {
        case "string": text(schema)
        case "integer": "a whole number" + range(schema)
        case "number": "a number" + range(schema)
        case "boolean": "true or false"
        case "array": "a list" + (schema.child("items").map { ", each \(value(of: $0))" } ?? "")
        case "object": "an object" + values(schema)
        case "null": "null"
        default: "any value"
        }
    }

    private static func values(_ schema: JSONNode) -> String {
        guard let values = schema.child("additionalProperties"), case .object = values.value else { return "" }
        return ", each value \(value(of: values))"
    }

    private static func text(_ schema: JSONNode) -> String {
        switch schema.child("format")?.text {
        case "catena-chain": return "the name of a client chain"
        case "catena-url": return "a URL: tcp://host:port, unix:///path or inproc://chain"
        case "catena-duration": return "a duration such as \"5s\"" + (takesZero(schema) ? "" : ", above zero")
        default: break
        }
        var phrases = ["a text"]
        switch schema.child("minLength")?.lineText {
        case nil, "0": break
        case "1": phrases.append("not empty")
        case let length?: phrases.append("at least \(length) characters")
        }
        if let length = schema.child("maxLength")?.lineText { phrases.append("at most \(length) characters") }
        if let pattern = schema.child("pattern")?.text { phrases.append("matching \(pattern)") }
        return phrases.joined(separator: ", ")
    }

    /// The pattern knows; one that cannot be read here takes it, as far as anybody can tell.
    private static func takesZero(_ schema: JSONNode) -> Bool {
        guard let pattern = schema.child("pattern")?.text, let expression = try? Regex(pattern) else { return true }
        return (try? expression.firstMatch(in: "0s")) ?? nil != nil
    }

    private static func range(_ schema: JSONNode) -> String {
        let bound = { (keyword: String) in schema.child(keyword)?.lineText }
        if let low = bound("minimum"), let high = bound("maximum") { return " from \(low) to \(high)" }
        let low = bound("minimum").map { " of at least \($0)" } ?? bound("exclusiveMinimum").map { " above \($0)" }
        let high = bound("maximum").map { "at most \($0)" } ?? bound("exclusiveMaximum").map { "below \($0)" }
        guard let low else { return high.map { $0.hasPrefix("below") ? " \($0)" : " of \($0)" } ?? "" }
        return low + (high.map { ", \($0)" } ?? "")
    }
}
