// SPDX-License-Identifier: Apache-2.0
// Bytes that went wrong on the way, or were made by an enemy: a message accepts what swift-protobuf accepts, and whatever it
// accepts it can be used for.

@testable import CatenaNSM
import SwiftProtobuf
import Testing

@Suite("A message of damaged bytes")
struct MessageCorruptionTests {
    @Test("is accepted exactly when swift-protobuf accepts it, but for two documented differences", arguments: UInt64(1)...8)
    func acceptance(seed: UInt64) throws {
        var wire = RandomWire(seed: seed)
        var (accepted, refused) = (0, 0)
        for round in 0..<700 {
            let bytes = damaged(wire.message(.request), &wire.random)
            let note: Comment = "seed \(seed), round \(round): \(bytes)"
            let reference = Result { try Request(serializedBytes: bytes) }
            switch Result(catching: { () throws(MessageError) in try CatenaNSM.Message(request: bytes) }) {
            case .success(let message):
                accepted += 1
                let decoded = message.requestBytes
                try use(message)
                if MessageType.request.hasWronglyTypedEntry(bytes, 0..<bytes.count) { continue }
                let expected = try #require(try? reference.get(), note)
                #expect(try Request(serializedBytes: decoded) == expected, note)
            case .failure(let error):
                refused += 1
                #expect((0...bytes.count).contains(error.offset), note)
                if error.reason == .overlongNumber { continue }  // a tag of six bytes inside a group or a map entry
                #expect(throws: (any Error).self, note) { try reference.get() }
            }
        }
        #expect(accepted > 100 && refused > 100, "the damage is neither too great nor too small")
    }

    @Test("never reads outside, whatever the bytes are", arguments: UInt64(1)...4)
    func noise(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let count = Int.random(in: 0...40, using: &random)
            let bytes = (0..<count).map { _ in
                random.pick([0x0a, 0x32, 0x12, 0x22, 2, 4, 0x80, UInt8.random(in: 0...255, using: &random)])
            }
            guard let message = try? CatenaNSM.Message(request: bytes) else { continue }
            #expect(throws: Never.self) { try use(message) }
        }
    }

    @Test("cut anywhere is refused or is a shorter message, never something else")
    func truncation() throws {
        var wire = RandomWire(seed: 99)
        let bytes = wire.message(.request)
        for count in bytes.indices {
            let cut = Array(bytes[..<count])
            let ours = (try? CatenaNSM.Message(request: cut)) != nil
            let reference = (try? Request(serializedBytes: cut)) != nil
            #expect(ours == reference, "cut at \(count)")
        }
    }

    /// Reads, prints, compares and edits.
    private func use(_ message: CatenaNSM.Message) throws(MessageError) {
        let clone = message.clone()
        for field in MessageField.allCases { _ = message.json(field, limit: 300) }
        for number in 0..<message.segmentCount { _ = message.segment(number) }
        _ = message.value(of: "a", in: .labels)
        try clone.set(.id, to: "changed")
        try clone.setSegment(clone.segmentCount, to: PathSegment(name: "last"))
        try clone.setValue("v", of: "a", in: .labels)
        try clone.setValue("v", of: "a", in: .parameters)
        _ = clone.isEqual(to: message)
        try clone.cutSegments(to: 1)
        #expect(clone.text(.id) == "changed")
        _ = try CatenaNSM.Message(request: clone.requestBytes)
    }

    private func damaged(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<random.pick([1, 1, 2, 4]) where !bytes.isEmpty {
            let at = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case 2: bytes.remove(at: at)
            case 3: bytes.insert(random.pick([0, 0x80, 0xff, 0x0b, 0x0c]), at: at)
            default: bytes.removeSubrange(at...)
            }
        }
        return bytes
    }
}
