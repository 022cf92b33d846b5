// SPDX-License-Identifier: Apache-2.0
// Makes requests as no sane encoder writes them, yet legal: fields in any order, singular ones twice, numbers with padding,
// unknown fields, groups and wrong wire types at every level. What survives this survives the peers.

@testable import CatenaNSM

/// Writes random but legal wire bytes of any message type of the table.
struct RandomWire {
    var random: SeededGenerator
    /// How many of a hundred choices are unusual ones.
    var oddity = 15

    init(seed: UInt64, choices: ArraySlice<UInt8> = []) { random = SeededGenerator(seed: seed, choices: choices) }

    mutating func message(_ type: MessageType) -> [UInt8] {
        var pieces: [[UInt8]] = []
        for number in 1...MessageType.lastFieldNumber {
            guard let shape = type.field(number) else { continue }
            for _ in 0..<occurrences(shape) { pieces.append(field(number, shape.kind)) }
        }
        while random.chance(oddity) { pieces.append(unknown(of: type)) }
        if random.chance(oddity) { pieces.shuffle(using: &random) }
        return pieces.flatMap { $0 }
    }

    private mutating func occurrences(_ shape: FieldShape) -> Int {
        if shape.isRepeated { return random.pick([0, 1, 1, 2, 3]) }
        if random.chance(oddity / 3) { return 2 }
        return random.chance(75) ? 1 : 0
    }

    private mutating func field(_ number: UInt32, _ kind: FieldKind) -> [UInt8] {
        switch kind {
        case .text: delimited(number, text())
        case .message(let type): delimited(number, type == .timestamp ? timestamp() : message(type))
        case .map: delimited(number, entry())
        case .bool: tag(number, .varint) + varint(random.pick([0, 1, 1, 2]))
        case .enumeration: tag(number, .varint) + varint(random.pick([0, 1, 1, 1, 7]))
        case .uint32, .int32, .int64:
            tag(number, .varint) + varint(random.pick([0, 1, 127, 128, 70000, UInt64(UInt32.max), .max]))
        }
    }

    mutating func text() -> [UInt8] {
        let long = String(repeating: "0123456789", count: random.pick([1, 6, 12, 13, 30]))
        return Array(random.pick(["", "a", "nsc-1", "ü→𝄞", "\"\\\n\u{1}", "tcp://127.0.0.1:5001", long]).utf8)
    }

    /// A time that JSON can say, as that of the path segments must be comparable as JSON.
    private mutating func timestamp() -> [UInt8] {
        var bytes: [UInt8] = []
        if random.chance(90) { bytes += tag(1, .varint) + varint(UInt64.random(in: 0...4_000_000_000, using: &random)) }
        if random.chance(60) { bytes += tag(2, .varint) + varint(random.pick([0, 5, 5000, 500_000_000, 999_999_999])) }
        if random.chance(oddity) { bytes += unknown(of: .timestamp) }
        return bytes
    }

    private mutating func entry() -> [UInt8] {
        var bytes: [UInt8] = []
        let key = random.chance(70) ? Array(random.pick(["a", "b", "ü"]).utf8) : text()
        if !random.chance(oddity / 2) { bytes += delimited(1, key) }
        if !random.chance(oddity / 2) { bytes += delimited(2, text()) }
        if random.chance(oddity / 2) { bytes += delimited(1, text()) }
        if random.chance(oddity / 2) { bytes += tag(9, .fixed32) + [1, 2, 3, 4] }
        return bytes
    }

    /// A field that the type does not know, by number or by wire type.
    mutating func unknown(of type: MessageType) -> [UInt8] {
        let number = UInt32.random(in: 1...40, using: &random) * random.pick([1, 1, 100, 10_000_000])
        let wire = type.field(number)?.kind.wireType
        let choices: [WireType] = [.varint, .fixed64, .fixed32, .delimited, .groupStart]
        switch random.pick(choices.filter { $0 != wire }) {
        case .varint: return tag(number, .varint) + varint(random.next() >> random.pick([0, 30, 60]))
        case .fixed64: return tag(number, .fixed64) + [1, 2, 3, 4, 5, 6, 7, 8]
        case .fixed32: return tag(number, .fixed32) + [1, 2, 3, 4]
        case .delimited: return delimited(number, text())
        case .groupStart, .groupEnd:
            let inner = tag(3, .varint) + varint(5) + delimited(2, text())
            return tag(number, .groupStart) + inner + tag(7, .groupStart) + tag(7, .groupEnd) + tag(number, .groupEnd)
        }
    }

    private mutating func delimited(_ number: UInt32, _ contents: [UInt8]) -> [UInt8] {
        tag(number, .delimited) + varint(UInt64(contents.count), atMost: 4) + contents
    }

    private mutating func tag(_ number: UInt32, _ type: WireType) -> [UInt8] {
        varint(UInt64(number) << 3 | UInt64(type.rawValue), atMost: 5)
    }

    /// A number, now and then with more bytes than it needs.
    private mutating func varint(_ value: UInt64, atMost width: Int = 10) -> [UInt8] {
        var writer = WireWriter()
        writer.varint(value)
        var bytes = writer.bytes
        guard random.chance(oddity / 3) else { return bytes }
        while bytes.count < width, random.chance(60) {
            bytes[bytes.count - 1] |= 0x80
            bytes.append(0)
        }
        return bytes
    }
}
