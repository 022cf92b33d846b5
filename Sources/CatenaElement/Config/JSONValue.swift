// SPDX-License-Identifier: Apache-2.0
// A config as the host hands it over, before anything is known of its meaning. Members keep their order, as chains are
// numbered in the order they are read; numbers keep their text, so that a message can quote them.

enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])

    /// How a message quotes it: short, and on one line.
    var quoted: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let text): text
        case .string(let text): text.count > 60 ? "\"\(text.prefix(57))...\"" : "\"\(text)\""
        case .array(let values): values.isEmpty ? "an empty array" : "an array"
        case .object: "an object"
        }
    }
}

struct JSONMember: Equatable, Sendable {
    let key: String
    let value: JSONValue
}
