// SPDX-License-Identifier: Apache-2.0
// Text, message and number fields. A value is checked before anything changes, so an edit that throws has done nothing.

extension Message {
    /// Where the value of a text or message field stands; nil: it is not there. The empty text is as good as none.
    func place(of field: MessageField) throws(MessageError) -> Range<Int>? {
        switch field.kind {
        case .text(let number):
            let place = index[.field(number)]
            return place.contents.isEmpty ? nil : place.contents
        case .message(let slot, _):
            return index[slot].isPresent ? index[slot].contents : nil
        case .preferences:
            return index[.preferences].isPresent ? index[.preferences].whole : nil
        case .request:
            return 0..<bytes.count
        case .number, .map:
            throw field.error(.wrongKind)
        }
    }

    /// The bytes of a text or message field; nil: it is not there, or it is a number or a map.
    package func bytes(_ field: MessageField) -> [UInt8]? {
        guard let view = view(field) else { return nil }
        return Array(view)
    }

    /// The text of a text field; empty: it is not there.
    package func text(_ field: MessageField) -> String {
        guard let view = view(field) else { return "" }
        return String(decoding: view, as: UTF8.self)
    }

    /// Writes a text or message field.
    ///
    /// - Parameter value: text, or the bytes of a message of the field's type; nil, or the empty text, removes the field.
    ///   Copied; it may be a part of this message.
    /// - Throws: when the bytes are not what the field holds, or the field is a number or a map.
    package func set(_ field: MessageField, to value: Span<UInt8>?) throws(MessageError) {
        switch field.kind {
        case .text(let number):
            try setText(number, to: value)
        case .message(let slot, let type):
            try setMessage(slot, type, to: value)
        case .preferences:
            try setPreferences(to: value)
        case .request:
            if let value { become(try Message(request: value)) } else { become(Message()) }
        case .number, .map:
            throw field.error(.wrongKind)
        }
    }

    /// Writes a text or message field; see `set(_:to:)` with a span.
    package func set(_ field: MessageField, to value: [UInt8]) throws(MessageError) {
        try set(field, to: value.span)
    }

    /// Writes a text field; the empty text removes it.
    package func set(_ field: MessageField, to text: String) throws(MessageError) {
        try set(field, to: Array(text.utf8).span)
    }

    private func setText(_ number: UInt32, to value: Span<UInt8>?) throws(MessageError) {
        guard let value, !value.isEmpty else { return _ = remove(.field(number)) }
        try MessageType.connection.checkText(value, 0..<value.count, field: number)
        try put(.field(number), number, value)
    }

    private func setMessage(_ slot: IndexSlot, _ type: MessageType, to value: Span<UInt8>?) throws(MessageError) {
        let isChanged: Bool
        if let value {
            guard value.count <= Self.sizeLimit else { throw MessageError(.tooLarge, in: type) }
            let number: UInt32 = if case .field(let number) = slot { number } else { 1 }
            if try type.check(value, 0..<value.count, depth: type.depth) {
                isChanged = try put(slot, number, value)
            } else {
                isChanged = try put(slot, number, type.canonical(value, 0..<value.count).span)
            }
        } else {
            isChanged = remove(slot)
        }
        if isChanged, type == .connection || type == .path { try rescan() }
    }

    private func setPreferences(to value: Span<UInt8>?) throws(MessageError) {
        guard let value, !value.isEmpty else { return _ = remove(.preferences) }
        var reader = WireReader(0..<value.count, of: .request)
        var isPlain = true
        while let entry = try reader.next(in: value) {
            guard entry.number == 2, entry.type == .delimited else {
                throw MessageError(.notAPreference, at: entry.start, in: .request, field: entry.number)
            }
            if try !MessageType.mechanism.check(value, entry.contents, depth: 2) { isPlain = false }
        }
        if isPlain {
            try put(.preferences, nil, value)
        } else {
            try put(.preferences, nil, MessageType.request.canonical(value, 0..<value.count).span)
        }
    }

    /// A number field; 0: it is not there, or not a number.
    package func number(_ field: MessageField) -> UInt32 {
        guard case .number(let slot) = field.kind, index[slot].isPresent else { return 0 }
        return withBytes { UInt32(truncatingIfNeeded: $0.number(in: index[slot].contents)) }
    }

    /// Writes a number field; 0 removes it.
    package func setNumber(_ field: MessageField, to value: UInt32) throws(MessageError) {
        guard case .number(let slot) = field.kind else { throw field.error(.wrongKind) }
        guard value != 0 else { return _ = remove(slot) }
        // The state is an enumeration, which protobuf extends with its sign; the path index is not.
        let wide = field == .state ? UInt64(bitPattern: Int64(Int32(bitPattern: value))) : UInt64(value)
        try put(slot, field == .state ? 9 : 1, value: wide)
    }

    /// Takes a text or message field over from another message. What stands in a message has been checked, and where its fields
    /// are is known there.
    package func assign(_ field: MessageField, from other: Message) throws(MessageError) {
        guard other !== self else { return }
        if field == .request { return copy(other) }
        if field == .connection, isConnectionOnly, other.isConnectionOnly { return become(other) }
        guard let place = try other.place(of: field) else { return try set(field, to: nil) }
        let (slot, number): (IndexSlot, UInt32?) =
            switch field.kind {
            case .text(let number): (.field(number), number)
            case .message(.field(let number), _): (.field(number), number)
            case .message(let slot, _): (slot, 1)
            case .preferences: (.preferences, nil)
            case .request, .number, .map: throw field.error(.wrongKind)
            }
        let isChanged = try other.withBytes { (bytes) throws(MessageError) in try put(slot, number, bytes.extracting(place)) }
        if isChanged { index.adopt(slot, from: other.index) }
    }

    /// Is there nothing but the connection, as in a Close or in the answer to a Request?
    private var isConnectionOnly: Bool { index.connection.whole == 0..<bytes.count }
}

extension MessageType {
    /// How many messages a field of the index is inside, itself counted.
    fileprivate var depth: Int {
        switch self {
        case .request: 1
        case .connection: 2
        default: 3
        }
    }
}
