// SPDX-License-Identifier: Apache-2.0
//
// What the reader accepts, told to editors and validators: as much of it as JSON Schema can say. Its keys are those that the
// reader names in its messages, and its patterns those of the parsers, which tests compare; .ci/schema.sh gives it every fixture.

/// The JSON Schema (2020-12) of chains.json.
public struct ChainsSchema: Sendable {
    let root: JSONNode

    /// - Parameter types: the element types that are known. An element of any other type may have any config.
    public init(types: [TypeSchema]) {
        let configs = types.enumerated().map { number, type in
            // Type names have no "+", so no two are the same.
            (type: type, name: "config.\(type.type)" + (type.module == nil ? "" : "+\(number)"))
        }
        root = [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "chains.json",
            "description": "Network-service chains, as \"catena serve\" runs them.",
            "type": "object",
            "properties": ChainsSchema.fileKeys,
            "required": ["chains"],
            "patternProperties": ChainsSchema.notes,
            "additionalProperties": false,
            "$defs": .object(
                ChainsSchema.definitions.members + [
                    JSONMember("type", ChainsSchema.type(among: types)),
                    JSONMember("element", ChainsSchema.element(among: types)),
                    JSONMember("instance", ChainsSchema.instance(among: configs)),
                ]
                    + configs.map { JSONMember($0.name, $0.type.config.forWrittenConfig(id: "urn:catena:\($0.name)")) }),
        ]
    }

    /// The schema as JSON text, ending in a line feed.
    public var text: String { root.prettyText + "\n" }

    static let notes: JSONNode = ["\(SchemaPattern.note)": true]

    private static let fileKeys: JSONNode = [
        "$schema": ["description": "where an editor finds this schema: the output of \"catena schema\""],
        "modulePath": [
            "description": "folders to look for modules in, relative to this file; then comes the folder of the executable",
            "type": "array", "items": ["$ref": "#/$defs/fileName"],
        ],
        "requirePins": [
            "description": "every element must name its library's hash as \"sha256\"", "type": "boolean", "default": false,
        ],
        "closeTimeout": duration("how long a Close may take, counted apart from its caller's deadline", mayBeZero: false),
        "drainTimeout": duration("how long a host that stops waits for calls in flight", mayBeZero: true),
        "chains": [
            "description": "chains by name; at least one has \"listen\" or \"open\"",
            "type": "object",
            "propertyNames": ["anyOf": [["pattern": "\(SchemaPattern.note)"], ["pattern": "\(SchemaPattern.name)"]]],
            "patternProperties": notes,
            "additionalProperties": ["$ref": "#/$defs/chain"],
            // Not: every chain has neither "listen" nor "open".
            "not": [
                "patternProperties": notes,
                "additionalProperties": ["not": ["anyOf": [["required": ["listen"]], ["required": ["open"]]]]],
            ],
        ],
    ]

    private static func duration(_ meaning: String, mayBeZero: Bool) -> JSONNode {
        let plain: JSONNode = ["pattern": "\(DurationText.pattern(mayBeZero: mayBeZero))"]
        let fallback = "\(ChainsReader.defaultTimeout.components.seconds)s"
        return .object(
            [JSONMember("description", "\(meaning): a duration such as \"5s\""), JSONMember("default", "\(fallback)")] + text(plain).members)
    }

    /// A string that is as `plain` says unless it holds a variable, whose value nobody knows here.
    static func text(_ plain: JSONNode) -> JSONNode {
        [
            "type": "string", "$ref": "#/$defs/substituted",
            "if": ["pattern": "\(SchemaPattern.hasVariable)"], "else": plain,
        ]
    }
}
