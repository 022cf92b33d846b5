// SPDX-License-Identifier: Apache-2.0
// JSON values as text, for schemas and defaults. On one line, as programs read them.

extension JSONValue {
    /// Of a finite number; without a fraction where it has none.
    static func number(of number: Double) -> JSONValue {
        .number(Int64(exactly: number).map(String.init) ?? "\(number)")
    }

    var text: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let text): text
        case .string(let text): Self.quote(text)
        case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let members): "{" + members.map { "\(Self.quote($0.key)):\($0.value.text)" }.joined(separator: ",") + "}"
        }
    }

    private static func quote(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case ..<" ":
                let code = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - code.count) + code
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
