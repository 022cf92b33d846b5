// SPDX-License-Identifier: Apache-2.0
// An editor believes the schema, the host believes the element: what reads a config and what judges it by its schema have to
// be two programs, or nobody notices when they differ. This is the second one.
internal import Foundation

/// A JSON Schema (2020-12), as far as the kit writes it, that judges configs.
///
///     let source = try ElementSource(Labels.self)
///     let schema = try JSONSchema(source.schema)
///     #expect(try schema.accepts("{}") == source.problems(in: "{}").isEmpty)
public struct JSONSchema {
    private let root: [String: Any]

    /// A keyword that is not known here. It is an error, so that none goes untested.
    public struct Unknown: Error {
        /// As it stands in the schema.
        public let keyword: String
    }

    /// - Throws: when the text is no JSON.
    public init(_ text: String) throws {
        root = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    }

    /// Whether a config is good.
    /// - Throws: when it is no JSON, or the schema has an ``Unknown`` keyword.
    public func accepts(_ json: String) throws -> Bool {
        try Self.accepts(JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed), root)
    }

    /// What it says of one key; nil: it has none of that name.
    public func property(_ name: String) -> [String: Any]? {
        (root["properties"] as? [String: Any])?[name] as? [String: Any]
    }

    private static let annotations: Set = ["$schema", "title", "description", "default", "format"]

    private static func accepts(_ value: Any, _ schema: Any) throws -> Bool {
        if let all = schema as? Bool { return all }
        guard let schema = schema as? [String: Any] else { return false }
        for (keyword, rule) in schema where !annotations.contains(keyword) {
            if try !holds(keyword, rule, value, schema) { return false }
        }
        return true
    }

    private static func holds(_ keyword: String, _ rule: Any, _ value: Any, _ schema: [String: Any]) throws -> Bool {
        let number = isBool(value) ? nil : (value as? NSNumber)?.doubleValue
        let object = value as? [String: Any]
        switch keyword {
        case "type": return has(value, type: rule as? String ?? "")
        case "enum": return (rule as? [String])?.contains { $0 == value as? String } ?? false
        case "minLength": return (value as? String).map { $0.unicodeScalars.count >= rule as? Int ?? .max } ?? true
        case "maxLength": return (value as? String).map { $0.unicodeScalars.count <= rule as? Int ?? 0 } ?? true
        case "minimum": return number.map { $0 >= (rule as? NSNumber)?.doubleValue ?? .infinity } ?? true
        case "exclusiveMinimum": return number.map { $0 > (rule as? NSNumber)?.doubleValue ?? .infinity } ?? true
        case "maximum": return number.map { $0 <= (rule as? NSNumber)?.doubleValue ?? -.infinity } ?? true
        case "pattern": return try (value as? String).map { try $0.firstMatch(of: Regex(rule as? String ?? "(")) != nil } ?? true
        case "required": return object.map { Set($0.keys).isSuperset(of: rule as? [String] ?? [""]) } ?? true
        case "items": return try (value as? [Any])?.allSatisfy { try accepts($0, rule) } ?? true
        case "properties", "patternProperties": return true  // judged with additionalProperties, which always stands beside
        case "additionalProperties": return try object?.allSatisfy { try accepts($1, sub(schema, $0, rule)) } ?? true
        default: throw Unknown(keyword: keyword)
        }
    }

    /// The schema that judges the value of a key.
    private static func sub(_ schema: [String: Any], _ key: String, _ additional: Any) -> Any {
        if let own = (schema["properties"] as? [String: Any])?[key] { return own }
        if key.hasPrefix("x-"), let passing = (schema["patternProperties"] as? [String: Any])?["^x-"] { return passing }
        return additional
    }

    private static func has(_ value: Any, type: String) -> Bool {
        switch type {
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "boolean": isBool(value)
        case "number": value is NSNumber && !isBool(value)
        case "integer": !isBool(value) && (value as? NSNumber).map { $0.doubleValue.rounded() == $0.doubleValue } ?? false
        default: false
        }
    }

    private static func isBool(_ value: Any) -> Bool {
        (value as? NSNumber).map { String(cString: $0.objCType) == "c" } ?? false
    }
}
