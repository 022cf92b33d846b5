// SPDX-License-Identifier: Apache-2.0
//
// The parts of chains.json, in the order in which the reader goes through them. Where the reader decides by what it sees (a
// string or an object, a splice or an element), the schema decides by the same, so that an editor's message fits.

extension ChainsSchema {
    static let definitions: JSONNode = [
        "name": text(["pattern": "\(SchemaPattern.name)"]),
        "fileName": text(["pattern": "\(SchemaPattern.fileName)"]),
        "word": text(["minLength": 1]),
        "listener": text(["pattern": "\(SchemaPattern.listener)"]),
        // Every "${" is a variable or an escaped one, in a string as in every string of a config, however deep.
        "substituted": [
            "pattern": "\(SchemaPattern.variables)",
            "items": ["$ref": "#/$defs/substituted"], "additionalProperties": ["$ref": "#/$defs/substituted"],
        ],
        "chain": [
            "type": "object",
            "properties": [
                "listen": [
                    "description": "where the chain is served: tcp://host:port or unix:///path; a chain with neither this nor \"open\" is used by others",
                    "type": "array", "minItems": 1, "items": ["$ref": "#/$defs/listener"],
                ],
                "open": [
                    "description": "the connections that the chain requests at start, keeps, and closes at stop, as a client does",
                    "type": "array", "minItems": 1, "items": ["$ref": "#/$defs/connection"],
                ],
                "elements": [
                    "description": "in the order in which a Request meets them",
                    "type": "array", "items": ["$ref": "#/$defs/element"],
                ],
            ],
            "dependentRequired": ["listen": ["elements"], "open": ["elements"]],
            "not": ["required": ["listen", "open"]],
            "patternProperties": notes,
            "additionalProperties": false,
        ],
        "connection": [
            "type": "object",
            "properties": [
                "service": ["description": "the network service", "$ref": "#/$defs/word"],
                "labels": [
                    "description": "labels of the connection",
                    "type": "object", "propertyNames": ["minLength": 1],
                    "additionalProperties": ["type": "string", "$ref": "#/$defs/substituted"],
                ],
                "mechanism": ["description": "the type of the mechanism that is preferred, such as KERNEL", "$ref": "#/$defs/word"],
                "id": ["description": "the connection's id; without: a new UUID for each start", "$ref": "#/$defs/word"],
            ],
            "required": ["service"],
            "patternProperties": notes,
            "additionalProperties": false,
        ],
        "splice": [
            "type": "object",
            "properties": [
                "chain": ["description": "the chain whose elements stand here", "type": "string", "$ref": "#/$defs/substituted"],
            ],
            "required": ["chain"],
            "patternProperties": notes,
            "additionalProperties": false,
        ],
    ]

    /// A type by name: any, but those that are known are offered.
    static func type(among types: [TypeSchema]) -> JSONNode {
        let known = types.filter { $0.module == nil }.map { type -> JSONNode in
            ["const": "\(type.type)", "description": "\(type.summary)"]
        }
        return ["$ref": "#/$defs/name", "anyOf": JSONNode(.array(known + [true]))]
    }

    /// An entry of `elements`.
    static func element(among types: [TypeSchema]) -> JSONNode {
        let needy = types.filter { $0.module == nil && $0.config.refusesEmpty }
        let bare: JSONNode =
            needy.isEmpty
            ? ["$ref": "#/$defs/type"]
            : ["$ref": "#/$defs/type", "not": ["enum": JSONNode(.array(needy.map { "\($0.type)" }))]]
        return [
            "type": ["string", "object"],
            "if": ["type": "string"],
            "then": bare,
            "else": ["if": ["required": ["chain"]], "then": ["$ref": "#/$defs/splice"], "else": ["$ref": "#/$defs/instance"]],
        ]
    }

    /// An element as an object: what its config may be is told by its type, and by its module where it names one.
    static func instance(among configs: [(type: TypeSchema, name: String)]) -> JSONNode {
        let rules = configs.map { type, name -> JSONNode in
            var properties = [JSONMember("element", ["const": "\(type.type)"])]
            if let module = type.module { properties.append(JSONMember("module", ["const": "\(module)"])) }
            var condition = [JSONMember("properties", .object(properties))]
            if type.module == nil {
                condition += [JSONMember("required", ["element"]), JSONMember("not", ["required": ["module"]])]
            } else {
                condition.append(JSONMember("required", ["element", "module"]))
            }
            var rule = [JSONMember("properties", ["config": ["$ref": "#/$defs/\(name)"]])]
            if type.config.refusesEmpty { rule.append(JSONMember("required", ["config"])) }
            return ["if": .object(condition), "then": .object(rule)]
        }
        return .object(
            [
                JSONMember("type", "object"),
                JSONMember(
                    "properties",
                    [
                        "element": ["description": "the element type", "$ref": "#/$defs/type"],
                        "config": ["description": "what the type understands", "type": "object", "$ref": "#/$defs/substituted"],
                        "module": [
                            "description": "the library, relative to this file; without: lib<type>.so on the module path",
                            "$ref": "#/$defs/fileName",
                        ],
                        "sha256": .object(
                            [JSONMember("description", "the one library that may stand for it, by its SHA-256")]
                                + text(["pattern": "^[0-9a-fA-F]{64}$"]).members),
                        "onFault": .object(
                            [
                                JSONMember("description", "what follows when the element breaks a rule of the ABI: that call fails, or it is taken out as well"),
                                JSONMember("default", "\(OnFault.fail.rawValue)"),
                            ] + text(["enum": JSONNode(.array(OnFault.allCases.map { "\($0.rawValue)" }))]).members),
                        "name": [
                            "description": "the instance's name, unique in its chain; without: the type, numbered when repeated",
                            "$ref": "#/$defs/name",
                        ],
                    ]),
                JSONMember("required", ["element"]),
                JSONMember("patternProperties", notes),
                JSONMember("additionalProperties", false),
            ] + (rules.isEmpty ? [] : [JSONMember("allOf", JSONNode(.array(rules)))]))
    }
}
