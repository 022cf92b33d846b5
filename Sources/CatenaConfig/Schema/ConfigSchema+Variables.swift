// SPDX-License-Identifier: Apache-2.0
//
// A module's schema speaks of the config that the module gets, where variables are replaced; an editor has the file before that.
// So every string that holds a variable passes, and everything else is checked as the module says.

extension ConfigSchema {
    /// The schema of what is written in chains.json, to be a part of a larger one.
    ///
    /// - Parameter id: names the schema, where references in it need that to stay within it.
    func forWrittenConfig(id: String) -> JSONNode {
        let relaxed = ConfigSchema.relaxed(root)
        guard case .object(let members) = relaxed.value else { return relaxed }
        let isResource = root.child("$id") != nil || ConfigSchema.refersToItself(root)
        let own = members.filter { isResource || $0.key != "$schema" }
        let name = isResource && root.child("$id") == nil ? [JSONMember("$id", "\(id)")] : []
        return .object(name + own)
    }

    /// Keywords whose value is a schema of something inside the instance.
    private static let insides: Set = [
        "additionalProperties", "items", "contains", "unevaluatedProperties", "unevaluatedItems",
    ]
    /// Keywords whose value is a list of such, or an object of such.
    private static let manyInsides: Set = ["properties", "patternProperties", "prefixItems"]
    /// Keywords whose value is a list or an object of schemas of the instance itself.
    private static let manyOutsides: Set = ["allOf", "anyOf", "oneOf", "dependentSchemas", "$defs"]
    /// Keywords whose value is a schema of the instance itself. Not `not` and `if`: what they accept, others refuse.
    private static let outsides: Set = ["then", "else"]

    /// The schema, with everything inside the instance passing where it holds a variable.
    private static func relaxed(_ schema: JSONNode) -> JSONNode {
        guard case .object(let members) = schema.value else { return schema }
        return .object(
            members.map { member in
                switch member.key {
                case _ where insides.contains(member.key): JSONMember(member.key, unlessVariable(member.value))
                case _ where manyInsides.contains(member.key): JSONMember(member.key, each(member.value, unlessVariable))
                case _ where outsides.contains(member.key): JSONMember(member.key, relaxed(member.value))
                // Two of several may both take a variable.
                case "oneOf" where schema.child("anyOf") == nil: JSONMember("anyOf", each(member.value, relaxed))
                case _ where manyOutsides.contains(member.key): JSONMember(member.key, each(member.value, relaxed))
                default: member
                }
            })
    }

    private static func each(_ node: JSONNode, _ change: (JSONNode) -> JSONNode) -> JSONNode {
        switch node.value {
        case .array(let nodes): JSONNode(.array(nodes.map(change)))
        case .object(let members): .object(members.map { JSONMember($0.key, change($0.value)) })
        default: node
        }
    }

    private static func unlessVariable(_ schema: JSONNode) -> JSONNode {
        let relaxed = relaxed(schema)
        guard takesSomeStringsOnly(schema) else { return relaxed }
        // What an editor shows of a key must not depend on its value.
        let shown: Set = ["title", "description", "default", "examples"]
        return .object(
            relaxed.members.filter { shown.contains($0.key) } + [
                JSONMember("if", ["type": "string", "pattern": "\(SchemaPattern.hasVariable)"]),
                JSONMember("else", .object(relaxed.members.filter { !shown.contains($0.key) })),
            ])
    }

    /// Whether a string may be right or wrong; one that only has to be a string passes anyway.
    private static func takesSomeStringsOnly(_ schema: JSONNode) -> Bool {
        guard case .object(let members) = schema.value else { return false }
        let types = schema.child("type").map { $0.text.map { [$0] } ?? $0.elements.compactMap(\.text) }
        if let types, !types.contains("string") { return false }
        let choices = schema.child("enum")?.elements ?? schema.child("const").map { [$0] }
        if let choices, !choices.contains(where: { $0.text != nil }) { return false }
        let harmless: Set = ["type", "title", "description", "default", "examples", "format"]
        return !members.allSatisfy { harmless.contains($0.key) }
    }

    private static func refersToItself(_ node: JSONNode) -> Bool {
        switch node.value {
        case .array(let nodes): nodes.contains(where: refersToItself)
        case .object(let members):
            members.contains { member in
                let isReference = member.key == "$ref" || member.key == "$dynamicRef"
                return isReference && member.value.text?.hasPrefix("#") == true || refersToItself(member.value)
            }
        default: false
        }
    }
}
