// SPDX-License-Identifier: Apache-2.0
//
// Lets a tree stand inside a report that is encoded as JSON, where it must come out as JSON and not as a string of it.

extension JSONNode: Encodable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ key: String) { stringValue = key }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    /// A number beyond 64 bits is rounded, as most readers would.
    func encode(to encoder: any Encoder) throws {
        switch value {
        case .object(let members):
            var container = encoder.container(keyedBy: Key.self)
            for member in members { try container.encode(member.value, forKey: Key(member.key)) }
        case .array(let nodes):
            var container = encoder.unkeyedContainer()
            for node in nodes { try container.encode(node) }
        case .null, .bool, .number, .string:
            var container = encoder.singleValueContainer()
            switch value {
            case .bool(let flag): try container.encode(flag)
            case .string(let text): try container.encode(text)
            case .number(let text):
                if let whole = Int64(text) { try container.encode(whole) } else { try container.encode(Double(text) ?? 0) }
            case .null, .array, .object: try container.encodeNil()
            }
        }
    }
}
