// SPDX-License-Identifier: Apache-2.0
// Does to a swift-protobuf request what an edit should do to a message, written from the contract and not from our code: the
// differential tests compare the two after every step.

@testable import CatenaNSM
import SwiftProtobuf

typealias Request = Networkservice_NetworkServiceRequest

/// A message of ours and what it should be.
struct MessageModel {
    var message: CatenaNSM.Message
    var expected: Request

    init(_ bytes: [UInt8]) throws {
        message = try CatenaNSM.Message(request: bytes)
        expected = try Request(serializedBytes: bytes)
    }

    init(_ message: CatenaNSM.Message, expected: Request) {
        self.message = message
        self.expected = expected
    }

    /// What our bytes say, read by swift-protobuf.
    func decoded() throws -> Request { try Request(serializedBytes: message.requestBytes) }

    func clone() -> MessageModel {
        var copy = self
        copy.message = message.clone()
        return copy
    }

    /// One random edit of both. Returns what it was, for the failure text.
    mutating func edit(_ wire: inout RandomWire) throws -> String {
        let text = String(decoding: wire.text(), as: UTF8.self)
        let key = wire.random.pick(["a", "b", "ü", text])
        let value = wire.random.chance(25) ? nil : text
        switch Int.random(in: 0..<16, using: &wire.random) {
        case 0...2:
            let field = wire.random.pick([MessageField.id, .networkService, .endpoint, .payload])
            try message.set(field, to: text)
            if !text.isEmpty || expected.hasConnection { setText(field, text) }
            return "set \(field) to \(text)"
        case 3:
            let number: UInt32 = wire.random.pick([0, 1, 2, 200, .max])
            try message.setNumber(.state, to: number)
            let state = Connection_State(rawValue: Int(Int32(bitPattern: number))) ?? .up
            if number != 0 || expected.hasConnection { expected.connection.state = state }
            return "set state to \(number)"
        case 4:
            let number: UInt32 = wire.random.pick([0, 1, 2, 200, .max])
            try message.setNumber(.pathIndex, to: number)
            if number != 0 || expected.connection.hasPath { expected.connection.path.index = number }
            return "set path index to \(number)"
        case 5:
            try message.setValue(value, of: key, in: .labels)
            if value != nil || expected.connection.labels[key] != nil { expected.connection.labels[key] = value }
            return "set label \(key) to \(value ?? "nothing")"
        case 6:
            try message.setValue(value, of: key, in: .parameters)
            if value != nil || expected.connection.mechanism.parameters[key] != nil {
                expected.connection.mechanism.parameters[key] = value
            }
            return "set parameter \(key) to \(value ?? "nothing")"
        case 7...8:
            return try editSegment(&wire, text)
        case 9:
            let count = Int.random(in: 0...4, using: &wire.random)
            try message.cutSegments(to: count)
            let segments = expected.connection.path.pathSegments
            if segments.count > count { expected.connection.path.pathSegments = Array(segments.prefix(count)) }
            return "cut to \(count) segments"
        case 14...15:
            return try takeOver(&wire)
        default:
            return try editMessage(&wire)
        }
    }

    /// Takes one field over from another message.
    private mutating func takeOver(_ wire: inout RandomWire) throws -> String {
        let field = wire.random.pick([MessageField.id, .mechanism, .context, .path, .connection, .connection])
        let bytes = wire.message(.request)
        let other = try Request(serializedBytes: bytes)
        try message.assign(field, from: try CatenaNSM.Message(request: bytes))
        switch field {
        case .id where !other.connection.id.isEmpty || expected.hasConnection: expected.connection.id = other.connection.id
        case .mechanism where other.connection.hasMechanism: expected.connection.mechanism = other.connection.mechanism
        case .mechanism where expected.hasConnection: expected.connection.clearMechanism()
        case .context where other.connection.hasContext: expected.connection.context = other.connection.context
        case .context where expected.hasConnection: expected.connection.clearContext()
        case .path where other.connection.hasPath: expected.connection.path = other.connection.path
        case .path where expected.hasConnection: expected.connection.clearPath()
        case .connection where other.hasConnection: expected.connection = other.connection
        case .connection: expected.clearConnection()
        default: break
        }
        return "took \(field) over"
    }

    private mutating func setText(_ field: MessageField, _ text: String) {
        switch field {
        case .id: expected.connection.id = text
        case .networkService: expected.connection.networkService = text
        case .endpoint: expected.connection.networkServiceEndpointName = text
        default: expected.connection.payload = text
        }
    }

    private mutating func editSegment(_ wire: inout RandomWire, _ text: String) throws -> String {
        let count = expected.connection.path.pathSegments.count
        let number = Int.random(in: 0...count, using: &wire.random)
        let old = message.segment(number)?.expires
        let seconds = Int64.random(in: -5_000_000_000...5_000_000_000, using: &wire.random)
        let expires = wire.random.pick([nil, old, seconds * 1_000_000_000 + 7])
        let segment = PathSegment(name: text, id: "id-\(number)", token: wire.random.chance(50) ? text : "", expires: expires)
        try message.setSegment(number, to: segment)
        if number == count { expected.connection.path.pathSegments.append(.init()) }
        func change(_ it: inout Connection_PathSegment) {
            (it.name, it.id, it.token) = (segment.name, segment.id, segment.token)
            if expires == nil { it.clearExpires() }
            guard let expires, expires != old else { return }
            (it.expires.seconds, it.expires.nanos) = ((expires - 7) / 1_000_000_000, 7)
        }
        change(&expected.connection.path.pathSegments[number])
        return "set segment \(number) to \(segment)"
    }

    private mutating func editMessage(_ wire: inout RandomWire) throws -> String {
        let field = wire.random.pick([MessageField.mechanism, .context, .path, .connection, .preferences, .request])
        let removes = wire.random.chance(20)
        let request = wire.message(.request)
        switch field {
        case .mechanism, .context, .path, .connection:
            guard case .message(_, let type) = field.kind else { break }
            let bytes = removes ? nil : wire.message(type)
            if let bytes { try message.set(field, to: bytes) } else { try message.set(field, to: nil) }
            if removes, !expected.hasConnection { break }
            switch field {
            case .mechanism:
                expected.connection.clearMechanism()
                if let bytes { expected.connection.mechanism = try .init(serializedBytes: bytes) }
            case .context:
                expected.connection.clearContext()
                if let bytes { expected.connection.context = try .init(serializedBytes: bytes) }
            case .path:
                expected.connection.clearPath()
                if let bytes { expected.connection.path = try .init(serializedBytes: bytes) }
            default:
                expected.clearConnection()
                if let bytes { expected.connection = try .init(serializedBytes: bytes) }
            }
        case .preferences:
            try message.assign(.preferences, from: try CatenaNSM.Message(request: request))
            expected.mechanismPreferences = try Request(serializedBytes: request).mechanismPreferences
        default:
            try message.assign(.request, from: try CatenaNSM.Message(request: request))
            expected = try Request(serializedBytes: request)
        }
        return "\(removes ? "removed" : "set") \(field)"
    }
}
