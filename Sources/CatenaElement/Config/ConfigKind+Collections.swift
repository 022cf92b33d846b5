// SPDX-License-Identifier: Apache-2.0
// Kinds that hold others. Problems inside them carry the whole pointer, and each object inside is read by the fields of its
// own ElementConfig.

extension ConfigKind {
    /// A list of values of one kind.
    public static func list<Element>(of kind: ConfigKind<Element>) -> ConfigKind where Value == [Element] {
        let form = ConfigForm(
            "a list of \(kind.form.plural)", plural: "lists", documentation: "a list of \(kind.form.plural)",
            schema: { [.type("array"), .init("items", kind.form.schema())] },
            inner: { kind.form.inner().map { $0.inside("[]") } })
        return ConfigKind(
            form,
            read: { value, pointer, report in
                guard case .array(let elements) = value else { return nil }
                return elements.enumerated().compactMap { kind.value(of: $1, at: "\(pointer)/\($0)", report) }
            }, write: { .array($0.map(kind.write)) })
    }

    /// An object whose keys are the user's and whose values are of one kind.
    public static func map<Element>(of kind: ConfigKind<Element>) -> ConfigKind where Value == [String: Element] {
        let form = ConfigForm(
            "an object of \(kind.form.plural)", plural: "objects", documentation: "an object of \(kind.form.plural)",
            schema: { [.type("object"), .init("additionalProperties", kind.form.schema())] },
            inner: { kind.form.inner().map { $0.inside("*") } })
        return ConfigKind(
            form,
            read: { value, pointer, report in
                guard case .object(let members) = value else { return nil }
                var map: [String: Element] = [:]
                for member in members {
                    map[member.key] = kind.value(of: member.value, at: ConfigProblem.pointer(pointer, member.key), report)
                }
                return map
            }, write: { map in .object(map.sorted { $0.key < $1.key }.map { JSONMember(key: $0.key, value: kind.write($0.value)) }) })
    }
}

extension ConfigKind where Value: ElementConfig {
    /// An object with keys of its own.
    public static var object: ConfigKind {
        let form = ConfigForm(
            "an object", plural: "objects", documentation: "an object", schema: { ConfigSchema.keywords(of: Value.self) },
            inner: { ConfigDocumentation.rows(of: Value.self).map { $0.inside("") } })
        return ConfigKind(
            form,
            read: { value, pointer, report in
                guard case .object(let members) = value else { return nil }
                return report.read(Value.self, members, at: pointer)
            },
            write: { config in
                .object(Value.fields.compactMap { field in field.write(config).map { JSONMember(key: field.key, value: $0) } })
            })
    }
}
