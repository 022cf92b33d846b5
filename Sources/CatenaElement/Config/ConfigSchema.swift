// SPDX-License-Identifier: Apache-2.0
// The JSON Schema of a config, from its fields. Editors complete and check chains.json by it before the host sees the file.

enum ConfigSchema {
    /// A schema that stands alone.
    static func object<Config: ElementConfig>(of type: Config.Type) -> JSONValue {
        .object([JSONMember("$schema", "https://json-schema.org/draft/2020-12/schema")] + keywords(of: type))
    }

    /// The schema of an element's config, with the element's name and summary.
    static func text<Element: ChainElement>(of type: Element.Type) -> String {
        let descriptor = Element.descriptor
        return JSONValue.object(
            [
                JSONMember("$schema", "https://json-schema.org/draft/2020-12/schema"), JSONMember("title", descriptor.id),
                JSONMember("description", descriptor.summary),
            ] + keywords(of: Element.Config.self)
        ).text
    }

    static func keywords<Config: ElementConfig>(of type: Config.Type) -> [JSONMember] {
        let required = Config.fields.filter(\.isRequired).map { JSONValue.string($0.key) }
        return [
            .type("object"), JSONMember("properties", Config.fields.map { JSONMember($0.key, property($0)) }),
        ] + (required.isEmpty ? [] : [JSONMember(key: "required", value: .array(required))]) + [
            JSONMember("patternProperties", [JSONMember(key: "^x-", value: .bool(true))]),
            JSONMember(key: "additionalProperties", value: .bool(false)),
        ]
    }

    private static func property<Config>(_ field: ConfigField<Config>) -> [JSONMember] {
        [JSONMember("description", field.meaning)] + field.form.schema()
            + (field.fallback.map { [JSONMember(key: "default", value: $0)] } ?? [])
    }
}

extension JSONMember {
    init(_ key: String, _ text: String) { self.init(key: key, value: .string(text)) }
    init(_ key: String, _ number: Int) { self.init(key: key, value: .number(String(number))) }
    init(_ key: String, _ members: [JSONMember]) { self.init(key: key, value: .object(members)) }

    static func type(_ name: String) -> JSONMember { JSONMember("type", name) }
}
