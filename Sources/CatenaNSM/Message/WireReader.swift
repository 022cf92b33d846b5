// SPDX-License-Identifier: Apache-2.0
// Reads the fields of one message off its wire bytes. The bytes are hostile, so every access goes through a Span, which
// checks its bounds: no input can make this code read what is not the message.

/// Goes through the fields of one message, each once, in the order of the wire.
///
/// Accepts what swift-protobuf accepts, with one difference: a tag of more than five bytes is refused everywhere, where
/// swift-protobuf lets it pass inside groups and map entries. Groups are fields like others when they are balanced.
struct WireReader {
    /// Messages and groups inside each other, as in all protobuf implementations.
    static let depthLimit = 100

    private var position: Int
    private let end: Int
    private let type: MessageType
    private let depth: Int

    /// - Parameters:
    ///   - range: the message's own bytes.
    ///   - type: for errors.
    ///   - depth: how many messages these bytes are inside, themselves counted.
    init(_ range: Range<Int>, of type: MessageType, depth: Int = 1) {
        self.position = range.lowerBound
        self.end = range.upperBound
        self.type = type
        self.depth = depth
    }

    /// The next field; nil at the end.
    mutating func next(in bytes: Span<UInt8>) throws(MessageError) -> WireField? {
        guard position < end else { return nil }
        let start = position
        let (number, wire) = try tag(in: bytes)
        var body = position
        switch wire {
        case .varint:
            _ = try varint(in: bytes, field: number)
        case .delimited:
            let count = try varint(in: bytes, field: number)
            body = position
            guard count <= UInt64(end - position) else { throw error(.truncated, at: start, number) }
            position += Int(count)
        case .fixed64:
            try skip(8, from: start, field: number)
        case .fixed32:
            try skip(4, from: start, field: number)
        case .groupStart:
            try skipGroup(number, depth: depth + 1, in: bytes)
        case .groupEnd:
            throw error(.strayGroupEnd, at: start, number)
        }
        return WireField(number: number, type: wire, start: start, body: body, end: position)
    }

    /// The next field of bytes that were checked when they came in; nil at the end.
    mutating func nextChecked(in bytes: Span<UInt8>) -> WireField? {
        do { return try next(in: bytes) } catch { return nil }  // not reached: the check was this same reader
    }

    private mutating func tag(in bytes: Span<UInt8>) throws(MessageError) -> (UInt32, WireType) {
        let start = position
        var raw = UInt32(bytes[position])
        position += 1
        if raw >= 0x80 {
            raw &= 0x7f
            var shift: UInt32 = 7
            while true {
                guard position < end else { throw error(.truncated, at: start, 0) }
                let byte = UInt32(bytes[position])
                position += 1
                guard shift < 28 || byte <= 15 else { throw error(.overlongNumber, at: start, 0) }
                raw |= (byte & 0x7f) << shift
                if byte < 0x80 { break }
                shift += 7
            }
        }
        guard let wire = WireType(rawValue: UInt8(raw & 7)) else { throw error(.unknownWireType, at: start, raw >> 3) }
        guard raw >= 8 else { throw error(.fieldNumberZero, at: start, 0) }
        return (raw >> 3, wire)
    }

    /// Up to ten bytes. What the tenth has beyond 64 bits is dropped, as everywhere.
    private mutating func varint(in bytes: Span<UInt8>, field number: UInt32) throws(MessageError) -> UInt64 {
        let start = position
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = UInt64(bytes[position])
            position += 1
            value |= (byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
            guard shift <= 63 else { throw error(.overlongNumber, at: start, number) }
        }
        throw error(.truncated, at: start, number)
    }

    private mutating func skip(_ count: Int, from start: Int, field number: UInt32) throws(MessageError) {
        guard end - position >= count else { throw error(.truncated, at: start, number) }
        position += count
    }

    private mutating func skipGroup(_ number: UInt32, depth: Int, in bytes: Span<UInt8>) throws(MessageError) {
        guard depth <= Self.depthLimit else { throw error(.tooDeep, at: position, number) }
        while position < end {
            let start = position
            let (inner, wire) = try tag(in: bytes)
            switch wire {
            case .varint: _ = try varint(in: bytes, field: inner)
            case .fixed64: try skip(8, from: start, field: inner)
            case .fixed32: try skip(4, from: start, field: inner)
            case .delimited:
                let count = try varint(in: bytes, field: inner)
                guard count <= UInt64(end - position) else { throw error(.truncated, at: start, inner) }
                position += Int(count)
            case .groupStart: try skipGroup(inner, depth: depth + 1, in: bytes)
            case .groupEnd:
                guard inner == number else { throw error(.strayGroupEnd, at: start, inner) }
                return
            }
        }
        throw error(.truncated, at: position, number)
    }

    private func error(_ reason: MessageError.Reason, at offset: Int, _ number: UInt32) -> MessageError {
        MessageError(reason, at: offset, in: type, field: number)
    }
}

extension Span<UInt8> {
    /// The number in the contents of a varint field that a `WireReader` has read.
    func number(in range: Range<Int>) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        for position in range {
            value |= UInt64(self[position] & 0x7f) << shift
            shift += 7
        }
        return value
    }
}
