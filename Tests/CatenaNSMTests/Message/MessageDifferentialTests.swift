// SPDX-License-Identifier: Apache-2.0
// The same random requests and edits through our messages and through swift-protobuf: it is the reference for what wire bytes
// mean, and every disagreement is our mistake.

@testable import CatenaNSM
import SwiftProtobuf
import Testing

@Suite("A message agrees with swift-protobuf")
struct MessageDifferentialTests {
    static let seeds = Array(UInt64(1)...8)

    @Test("every field that is read is what swift-protobuf reads", arguments: seeds)
    func reading(seed: UInt64) throws {
        var wire = RandomWire(seed: seed)
        for round in 0..<200 {
            let bytes = wire.message(.request)
            let model = try MessageModel(bytes)
            #expect(try model.disagreements() == [], "seed \(seed), round \(round)")
        }
    }

    @Test("after any sequence of edits both say the same, unknown fields included", arguments: seeds)
    func editing(seed: UInt64) throws {
        var wire = RandomWire(seed: seed)
        for round in 0..<60 {
            var model = try MessageModel(wire.message(.request))
            var clones: [MessageModel] = []
            var done: [String] = []
            for _ in 0..<12 {
                if wire.random.chance(20) { clones.append(model.clone()) }
                if wire.random.chance(20), let last = clones.popLast() { clones.append(model); model = last }
                done.append(try model.edit(&wire))
                let agrees = try model.decoded() == model.expected
                #expect(agrees, "seed \(seed), round \(round): \(done)")
                #expect(try model.indexErrors() == [], "seed \(seed), \(done)")
                if !agrees { return }
            }
            for clone in clones { #expect(try clone.decoded() == clone.expected, "a clone changed: seed \(seed), round \(round)") }
        }
    }

    @Test("the canonical form means the same, and is the same for every encoding", arguments: seeds)
    func canonical(seed: UInt64) throws {
        var wire = RandomWire(seed: seed)
        for round in 0..<100 {
            let bytes = wire.message(.request)
            let canonical = MessageType.request.canonical(bytes.span, 0..<bytes.count)
            let expected = try Request(serializedBytes: bytes)
            #expect(try Request(serializedBytes: canonical) == expected, "seed \(seed), round \(round)")
            let encoded: [UInt8] = try expected.serializedBytes()
            #expect(MessageType.request.canonical(encoded.span, 0..<encoded.count) == canonical, "seed \(seed), round \(round)")
            let (a, b) = (try CatenaNSM.Message(request: bytes), try CatenaNSM.Message(request: encoded))
            #expect(a.isEqual(to: b), "seed \(seed), round \(round)")
        }
    }

    @Test("JSON text read by swift-protobuf gives the same request, without tokens and unknown fields", arguments: seeds)
    func json(seed: UInt64) throws {
        var wire = RandomWire(seed: seed)
        for round in 0..<100 {
            let bytes = wire.message(.request)
            let text = try CatenaNSM.Message(request: bytes).json(.request, limit: .max)
            var expected = try Request(serializedBytes: bytes, options: .init(discardingUnknownFields: true))
            for i in expected.connection.path.pathSegments.indices where !expected.connection.path.pathSegments[i].token.isEmpty {
                expected.connection.path.pathSegments[i].token = "[redacted]"
            }
            #expect(try Request(jsonString: text) == expected, "seed \(seed), round \(round): \(text)")
        }
    }
}

extension BinaryDecodingOptions {
    fileprivate init(discardingUnknownFields: Bool) {
        self.init()
        discardUnknownFields = discardingUnknownFields
    }
}
