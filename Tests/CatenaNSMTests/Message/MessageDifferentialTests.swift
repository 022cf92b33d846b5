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
            let (message, connection) = (model.message, model.expected.connection)
            let note: Comment = "seed \(seed), round \(round)"
            #expect(try model.decoded() == model.expected, note)
            #expect(message.text(.id) == connection.id, note)
            #expect(message.text(.networkService) == connection.networkService, note)
            #expect(message.text(.endpoint) == connection.networkServiceEndpointName, note)
            #expect(message.text(.payload) == connection.payload, note)
            #expect(message.number(.state) == UInt32(bitPattern: Int32(connection.state.rawValue)), note)
            #expect(message.number(.pathIndex) == connection.path.index, note)
            #expect(message.segmentCount == connection.path.pathSegments.count, note)
            for (number, segment) in connection.path.pathSegments.enumerated() {
                let ours = try #require(message.segment(number))
                #expect((ours.name, ours.id, ours.token) == (segment.name, segment.id, segment.token), note)
                let time = segment.expires.seconds * 1_000_000_000 + Int64(segment.expires.nanos)
                #expect(ours.expires == (segment.hasExpires ? time : nil), note)
            }
            for (key, value) in connection.labels { #expect(message.value(of: key, in: .labels) == value, note) }
            for (key, value) in connection.mechanism.parameters {
                #expect(message.value(of: key, in: .parameters) == value, note)
            }
            #expect(message.value(of: "none", in: .labels) == nil, note)
            #expect(try Connection_Connection(serializedBytes: message.connectionBytes) == connection, note)
            #expect((message.bytes(.mechanism) != nil) == connection.hasMechanism, note)
            let mechanism = message.bytes(.mechanism) ?? []
            #expect(try Connection_Mechanism(serializedBytes: mechanism) == connection.mechanism, note)
            let context = message.bytes(.context) ?? []
            #expect(try Connectioncontext_ConnectionContext(serializedBytes: context) == connection.context, note)
            let preferences = try Request(serializedBytes: message.bytes(.preferences) ?? [])
            #expect(preferences.mechanismPreferences == model.expected.mechanismPreferences, note)
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
                // The index that moved along says what a new one would.
                let fresh = try CatenaNSM.Message(request: model.message.requestBytes)
                let texts = (fresh.json(.connection, limit: .max), model.message.json(.connection, limit: .max))
                #expect(texts.0 == texts.1, "seed \(seed), \(done)")
                #expect(fresh.bytes(.connection) == model.message.bytes(.connection), "seed \(seed), \(done)")
                #expect(fresh.bytes(.preferences) == model.message.bytes(.preferences), "seed \(seed), \(done)")
                #expect(fresh.bytes(.path) == model.message.bytes(.path), "seed \(seed), \(done)")
                #expect(fresh.segmentCount == model.message.segmentCount, "seed \(seed), \(done)")
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
