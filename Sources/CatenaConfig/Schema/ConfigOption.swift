// SPDX-License-Identifier: Apache-2.0
//
// One key of a config in the words of its schema: what "catena inspect" shows, so that nobody has to read a schema, or a
// module's source, to write a config.

/// A key of an element type's config.
public struct ConfigOption: Sendable, Encodable {
    /// `dialTimeout`; of an object inside it `tls.name`, of objects in a list `servers[].url`, of those in a map `zones.*.url`.
    public let key: String
    /// What is accepted, in words: `a duration above zero`.
    public let value: String
    public let isRequired: Bool
    /// The value of a config without the key, as JSON; nil: none.
    public var defaultText: String? { fallback?.lineText }
    /// A phrase; empty: the schema does not say.
    public let meaning: String

    let fallback: JSONNode?

    private enum CodingKeys: String, CodingKey { case key, value, required, `default`, meaning }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(key, forKey: .key)
        try container.encode(value, forKey: .value)
        try container.encode(isRequired, forKey: .required)
        try container.encodeIfPresent(fallback, forKey: .default)
        try container.encode(meaning, forKey: .meaning)
    }
}

extension ConfigSchema {
    /// The keys, in the order of the schema, each followed by the keys inside its value. Of what stands behind a reference or
    /// an alternative only the key itself is told.
    public var options: [ConfigOption] { ConfigSchema.options(of: root, prefix: "", depth: 0) }

    /// Whether keys are accepted that no option names, apart from notes.
    public var isOpen: Bool {
        if case .bool(let flag) = root.child("additionalProperties")?.value { return flag }
        return root.child("additionalProperties") == nil
    }

    private static let maximumDepth = 8

    private static func options(of schema: JSONNode, prefix: String, depth: Int) -> [ConfigOption] {
        guard depth < maximumDepth else { return [] }
        let required = Set(schema.child("required")?.elements.compactMap(\.text) ?? [])
        return (schema.child("properties")?.members ?? []).flatMap { member in
            let key = prefix + member.key
            let option = ConfigOption(
                key: key, value: SchemaWords.value(of: member.value), isRequired: required.contains(member.key),
                meaning: member.value.child("description")?.text ?? "", fallback: member.value.child("default"))
            return [option] + inner(of: member.value, at: key, depth: depth + 1)
        }
    }

    private static func inner(of schema: JSONNode, at key: String, depth: Int) -> [ConfigOption] {
        guard depth < maximumDepth else { return [] }
        let steps = [("items", "[]"), ("additionalProperties", ".*")].flatMap { keyword, step in
            schema.child(keyword).map { inner(of: $0, at: key + step, depth: depth + 1) } ?? []
        }
        return options(of: schema, prefix: "\(key).", depth: depth) + steps
    }
}
