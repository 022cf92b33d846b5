// SPDX-License-Identifier: Apache-2.0
// The parts of a request that elements name by number over the C ABI. The numbers are those of catena.h (a test compares
// them), so that a number from outside becomes one of these cases or nothing.

/// A part of a request that can be read or written by itself.
package enum MessageField: UInt32, CaseIterable, Sendable {
    case id = 1
    case networkService = 2
    case mechanism = 3
    case context = 4
    /// A map: read and written by key.
    case labels = 5
    case path = 6
    case endpoint = 7
    case payload = 8
    /// A number: UP 0, DOWN 1, REFRESH_REQUESTED 2, RESELECT_REQUESTED 3.
    case state = 9
    /// All of the above.
    case connection = 16
    /// The entries as they stand on the wire, tags included.
    case preferences = 17
    /// Connection and preferences.
    case request = 18
    /// A number: whose segment is ours.
    case pathIndex = 32
    /// A map, of the mechanism: read and written by key.
    case parameters = 33

    /// How the field is read and written.
    var kind: Kind {
        switch self {
        case .id, .networkService, .endpoint, .payload: .text(rawValue)
        case .mechanism: .message(.field(rawValue), .mechanism)
        case .context: .message(.field(rawValue), .connectionContext)
        case .path: .message(.path, .path)
        case .connection: .message(.connection, .connection)
        case .request: .request
        case .preferences: .preferences
        case .state: .number(.field(rawValue))
        case .pathIndex: .number(.pathIndex)
        case .labels: .map(.connection, .connection, 5)
        case .parameters: .map(.mechanism, .mechanism, 3)
        }
    }

    enum Kind {
        /// A text field of the connection, by number.
        case text(UInt32)
        case message(IndexSlot, MessageType)
        case request
        case preferences
        case number(IndexSlot)
        /// Entries with this number inside a message.
        case map(IndexSlot, MessageType, UInt32)
    }

    /// For errors.
    func error(_ reason: MessageError.Reason) -> MessageError {
        switch self {
        case .request: MessageError(reason, in: .request)
        case .connection: MessageError(reason, in: .request, field: 1)
        case .preferences: MessageError(reason, in: .request, field: 2)
        case .pathIndex: MessageError(reason, in: .path, field: 1)
        case .parameters: MessageError(reason, in: .mechanism, field: 3)
        default: MessageError(reason, in: .connection, field: rawValue)
        }
    }
}
