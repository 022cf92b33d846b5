// SPDX-License-Identifier: Apache-2.0
// What one field of the table holds and how that stands on the wire. A field that comes with another wire type than its kind
// has is an unknown field, as in every protobuf implementation.

/// One field of a message type.
struct FieldShape: Sendable {
    /// As in the .proto files.
    let name: StaticString
    let kind: FieldKind
    /// Repeated, or a map.
    let isRepeated: Bool

    static func one(_ name: StaticString, _ kind: FieldKind) -> FieldShape {
        FieldShape(name: name, kind: kind, isRepeated: false)
    }

    static func many(_ name: StaticString, _ kind: FieldKind) -> FieldShape {
        FieldShape(name: name, kind: kind, isRepeated: true)
    }
}

/// What a field holds. All maps of the NSM API go from text to text.
enum FieldKind: Sendable {
    case text, bool, uint32, int32, int64
    case enumeration(EnumType)
    case message(MessageType)
    case map

    var wireType: WireType {
        switch self {
        case .text, .message, .map: .delimited
        case .bool, .uint32, .int32, .int64, .enumeration: .varint
        }
    }
}

/// The enumerations of the table.
enum EnumType: Sendable {
    case state, family

    /// The name of a value as in the .proto files; nil: a value of a later API.
    func name(of value: Int32) -> StaticString? {
        switch (self, value) {
        case (.state, 0): "UP"
        case (.state, 1): "DOWN"
        case (.state, 2): "REFRESH_REQUESTED"
        case (.state, 3): "RESELECT_REQUESTED"
        case (.family, 0): "IPV4"
        case (.family, 1): "IPV6"
        default: nil
        }
    }
}
