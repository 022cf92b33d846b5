// SPDX-License-Identifier: Apache-2.0
// A config as a test writes it: as JSON text, to the letter, or as Swift values where only the meaning counts.

/// The config of an element in a test: `"{\"queue\":2}"` or `["queue": 2]`.
public struct ConfigText: Sendable, Equatable {
    /// JSON text; as it was written, also when it is none.
    public let json: String

    /// Text, as chains.json would have it.
    public init(_ json: String) { self.json = json }

    /// No key.
    public static let empty = ConfigText("{}")
}

extension ConfigText: ExpressibleByStringInterpolation {
    /// Text, to the letter.
    public init(stringLiteral json: String) { self.init(json) }
}

extension ConfigText: ExpressibleByDictionaryLiteral {
    /// An object.
    public init(dictionaryLiteral members: (String, Value)...) { self.init(Value.object(members).json) }

    /// A value inside a config; written as a literal.
    public indirect enum Value: Sendable {
        /// `"text"`
        case text(String)
        /// `1`, `0.5`
        case number(String)
        /// `true`
        case bool(Bool)
        /// `["a", "b"]`
        case list([Value])
        /// `["key": "value"]`, in this order.
        case object([(String, Value)])

        var json: String {
            switch self {
            case .text(let text): Self.quoted(text)
            case .number(let text): text
            case .bool(let flag): "\(flag)"
            case .list(let values): "[" + values.map(\.json).joined(separator: ",") + "]"
            case .object(let members): "{" + members.map { Self.quoted($0) + ":" + $1.json }.joined(separator: ",") + "}"
            }
        }

        private static func quoted(_ text: String) -> String {
            let escaped = text.unicodeScalars.map { scalar in
                switch scalar {
                case "\"", "\\": return "\\\(scalar)"
                case _ where scalar.value < 0x20:
                    let hex = String(scalar.value, radix: 16)
                    return "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                default: return String(scalar)
                }
            }
            return "\"" + escaped.joined() + "\""
        }
    }
}

extension ConfigText.Value: ExpressibleByStringInterpolation {
    /// A text.
    public init(stringLiteral text: String) { self = .text(text) }
}

extension ConfigText.Value: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral {
    /// A whole number.
    public init(integerLiteral number: Int) { self = .number("\(number)") }
    /// A number.
    public init(floatLiteral number: Double) { self = .number("\(number)") }
    /// True or false.
    public init(booleanLiteral flag: Bool) { self = .bool(flag) }
}

extension ConfigText.Value: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    /// A list.
    public init(arrayLiteral values: ConfigText.Value...) { self = .list(values) }
    /// An object.
    public init(dictionaryLiteral members: (String, ConfigText.Value)...) { self = .object(members) }
}
