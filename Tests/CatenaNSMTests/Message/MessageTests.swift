// SPDX-License-Identifier: Apache-2.0
// The contract of a message in single sentences: presence, ownership of values, what an edit keeps, what it refuses.

@testable import CatenaNSM
import Testing

@Suite("Message")
struct MessageTests {
    /// Field 999, "xyz".
    static let unknown: [UInt8] = [0xba, 0x3e, 3, 0x78, 0x79, 0x7a]

    /// A connection with id, service, a label and a path of two segments, and one preference.
    static func sample() throws -> Message {
        let message = Message()
        try message.set(.id, to: "c")
        try message.set(.networkService, to: "icmp")
        try message.setValue("1", of: "a", in: .labels)
        try message.setNumber(.pathIndex, to: 1)
        for name in ["client", "manager"] {
            let segment = PathSegment(name: name, id: "\(name)-id", token: "secret", expires: 1_700_000_000_000_000_000)
            try message.setSegment(message.segmentCount, to: segment)
        }
        try message.set(.preferences, to: [0x12, 7, 0x0a, 5] + Array("LOCAL".utf8))
        return message
    }

    /// The sample with an unknown field in the request, the connection, the path, its segment, the expiry
    /// there, and the mechanism.
    static func sampleWithUnknownFields() throws -> Message {
        func delimited(_ number: UInt32, _ contents: [UInt8]) -> [UInt8] {
            var writer = WireWriter()
            writer.delimited(number, contents.span)
            return writer.bytes
        }
        let expires: [UInt8] = [0x08, 1] + unknown
        let segment = delimited(1, Array("client".utf8)) + delimited(4, expires) + unknown + delimited(5, [0x0a, 1, 0x6d])
        let path = unknown + delimited(2, segment)
        let connection = delimited(6, path) + unknown + delimited(3, unknown)
        return try Message(request: delimited(1, connection) + unknown)
    }

    private static func count(_ part: [UInt8], in whole: [UInt8]) -> Int {
        guard whole.count >= part.count else { return 0 }
        return (0...(whole.count - part.count)).filter { Array(whole[$0..<($0 + part.count)]) == part }.count
    }

    @Test("bytes that were not changed are the bytes that came")
    func unchanged() throws {
        let bytes = try Self.sampleWithUnknownFields().requestBytes
        #expect(try Message(request: bytes).requestBytes == bytes)
        let connection = try Self.sample().connectionBytes
        #expect(try Message(connection: connection).connectionBytes == connection)
    }

    @Test("a Close is a request with nothing but its connection")
    func closeCarriesOnlyTheConnection() throws {
        let message = try Message(connection: Self.sample().connectionBytes)
        #expect(message.text(.id) == "c")
        #expect(message.bytes(.preferences) == nil)
        #expect(try Message(request: message.requestBytes).connectionBytes == message.connectionBytes)
    }

    typealias Edit = @Sendable (Message) throws -> Void
    static let edits: [(String, Edit)] = [
        ("text", { try $0.set(.id, to: "another") }),
        ("a text longer than one length byte can say", { try $0.set(.id, to: String(repeating: "x", count: 300)) }),
        ("a number", { try $0.setNumber(.pathIndex, to: 3) }),
        ("the state", { try $0.setNumber(.state, to: 1) }),
        ("a label", { try $0.setValue("v", of: "k", in: .labels) }),
        ("a parameter", { try $0.setValue("v", of: "k", in: .parameters) }),
        ("a segment", { try $0.setSegment(0, to: PathSegment(name: "n", id: "i", token: "t", expires: 5)) }),
        ("a new segment", { try $0.setSegment(1, to: PathSegment(name: "n")) }),
        ("the context", { try $0.set(.context, to: [0x28, 1]) }),
        ("the preferences", { try $0.set(.preferences, to: [0x12, 0]) }),
    ]

    @Test("unknown fields survive every edit, at all six levels", arguments: edits)
    func unknownFieldsSurvive(name: String, edit: Edit) throws {
        let message = try Self.sampleWithUnknownFields()
        try #require(Self.count(Self.unknown, in: message.requestBytes) == 6)
        try edit(message)
        #expect(Self.count(Self.unknown, in: message.requestBytes) == 6)
        #expect(Self.count([0x2a, 3, 0x0a, 1, 0x6d], in: message.requestBytes) == 1, "the metrics stay too")
    }

    @Test("a clone and its original change independently", arguments: edits)
    func clonesAreIndependent(name: String, edit: Edit) throws {
        let original = try Self.sampleWithUnknownFields()
        let before = original.requestBytes
        let clone = original.clone()
        try edit(clone)
        #expect(original.requestBytes == before)
        #expect(clone.requestBytes != before)
        let second = original.clone()
        try edit(original)
        #expect(second.requestBytes == before)
    }

    @Test("an edit that undoes another leaves equal messages")
    func undoing() throws {
        let (a, b) = (try Self.sample(), try Self.sample())
        try a.set(.payload, to: "IP")
        #expect(!a.isEqual(to: b))
        try a.set(.payload, to: "")
        #expect(a.isEqual(to: b))
    }

    @Test("tokens, expiries, metrics and the order of labels make no difference; all else does")
    func equality() throws {
        let (a, b) = (try Self.sample(), try Self.sample())
        try a.setSegment(1, to: PathSegment(name: "manager", id: "manager-id", token: "new", expires: 1))
        try a.setValue("2", of: "b", in: .labels)
        try b.setValue("2", of: "b", in: .labels)
        try b.setValue(nil, of: "a", in: .labels)
        try b.setValue("1", of: "a", in: .labels)
        #expect(a.isEqual(to: b) && b.isEqual(to: a))
        try a.setSegment(1, to: PathSegment(name: "manager", id: "other"))
        #expect(!a.isEqual(to: b))
    }

    @Test("a text field that is set to nothing is not there")
    func emptyTextRemoves() throws {
        let message = try Self.sample()
        try message.set(.id, to: "")
        #expect(message.bytes(.id) == nil)
        #expect(message.text(.id) == "")
        try message.set(.networkService, to: nil)
        #expect(message.bytes(.networkService) == nil)
    }

    @Test("an empty message field is there, a removed one is not")
    func presence() throws {
        let message = Message()
        #expect(message.bytes(.connection) == nil)
        #expect(message.bytes(.request) == [])
        try message.set(.mechanism, to: [])
        #expect(message.bytes(.mechanism) == [])
        #expect(message.bytes(.connection) == [0x1a, 0])
        try message.set(.mechanism, to: nil)
        #expect(message.bytes(.mechanism) == nil)
        #expect(message.bytes(.connection) == [])
    }

    @Test("removing what is not there makes nothing", arguments: [MessageField.id, .mechanism, .path, .connection, .preferences])
    func removingNothing(field: MessageField) throws {
        let message = Message()
        try message.set(field, to: nil)
        try message.setNumber(.pathIndex, to: 0)
        try message.setValue(nil, of: "k", in: .parameters)
        try message.cutSegments(to: 0)
        #expect(message.requestBytes == [])
    }

    @Test("a value may be a part of the message that it is written to")
    func aliasing() throws {
        let message = try Self.sample()
        let service = try #require(message.view(.networkService))
        try message.set(.id, to: service.bindMemory(to: UInt8.self).span)
        #expect(message.text(.id) == "icmp")
        #expect(message.text(.networkService) == "icmp")
    }

    @Test("an expiry that the C ABI cannot hold survives a read and a write")
    func farExpiry() throws {
        var writer = WireWriter()
        writer.number(1, 253_402_300_799)  // the last second of the year 9999
        let far = writer.bytes
        let segment: [UInt8] = [0x22, UInt8(far.count)] + far
        let message = Message()
        try message.set(.path, to: [0x12, UInt8(segment.count)] + segment)
        var read = try #require(message.segment(0))
        #expect(read.expires == .max)
        read.name = "n"
        try message.setSegment(0, to: read)
        #expect(message.bytes(.path) == [0x12, UInt8(segment.count + 3), 0x0a, 1, 0x6e] + segment)
    }

    @Test("segments are written where they are or behind the last, and cut from the end")
    func segments() throws {
        let message = try Self.sample()
        #expect(throws: MessageError.self) { try message.setSegment(3, to: PathSegment()) }
        #expect(throws: MessageError.self) { try message.setSegment(-1, to: PathSegment()) }
        try message.setSegment(2, to: PathSegment(name: "third"))
        #expect((0..<4).map { message.segment($0)?.name } == ["client", "manager", "third", nil])
        #expect([2, 0, 1].map { message.segment($0)?.name } == ["third", "client", "manager"], "in any order")
        try message.cutSegments(to: 5)
        #expect(message.segmentCount == 3)
        try message.cutSegments(to: 1)
        #expect(message.segmentCount == 1)
        #expect(message.number(.pathIndex) == 1)
        #expect(message.segment(0)?.token == "secret")
    }

    @Test(
        "assign takes one field over and leaves the rest",
        arguments: [MessageField.id, .path, .preferences, .connection, .request])
    func assign(field: MessageField) throws {
        let (from, to) = (try Self.sample(), Message())
        try to.assign(field, from: from)
        #expect(to.bytes(field) == from.bytes(field))
        if field == .id { #expect(to.bytes(.path) == nil) }
        try to.assign(field, from: to)
        try to.assign(field, from: Message())
        #expect(to.bytes(field) == Message().bytes(field))
    }

    @Test("bytes that are sent stay as they were when the message changes")
    func sharedBytes() throws {
        let message = try Self.sample()
        let (request, connection) = (message.requestBytes, message.connectionBytes)
        let sent = (message.sharedRequestBytes, message.sharedConnectionBytes)
        try message.set(.id, to: "d")
        try message.set(.id, to: "another, longer id")
        #expect(Array(sent.0.bytes) == request && Array(sent.1.bytes) == connection)
        #expect(message.requestBytes != request)
        withExtendedLifetime((sent.0.owner, sent.1.owner)) {}
        #expect(Message().sharedConnectionBytes.bytes.isEmpty)
    }

    @Test("setting a field to what it is leaves a clone's memory shared")
    func sameValue() throws {
        let message = try Self.sample()
        let clone = message.clone()
        try clone.set(.id, to: "c")
        try clone.setNumber(.pathIndex, to: 1)
        #expect(clone.bytes.isShared(with: message.bytes))
        try clone.set(.id, to: "d")
        #expect(!clone.bytes.isShared(with: message.bytes) && message.text(.id) == "c")
    }

    @Test("a message that becomes another has memory of its own, and lies where it lay while that has the right size")
    func becomes() throws {
        let message = try Self.sample()
        let kept = message.clone()
        try kept.assign(.request, from: message)
        #expect(!kept.bytes.isShared(with: message.bytes) && kept.requestBytes == message.requestBytes)

        let place = kept.bytes
        let address = place.buffer.baseAddress
        try message.set(.id, to: "e")
        // Somebody reads the old bytes still.
        try kept.assign(.request, from: message)
        #expect(place.buffer.baseAddress != kept.bytes.buffer.baseAddress && kept.text(.id) == "e")
        #expect(place.buffer.baseAddress == address && place.index[.field(1)].isPresent)

        let own = kept.bytes.buffer.baseAddress
        try message.set(.id, to: "f")
        try kept.assign(.request, from: message)
        #expect(kept.bytes.buffer.baseAddress == own && kept.text(.id) == "f" && kept.requestBytes == message.requestBytes)

        let long = String(repeating: "g", count: 4000)
        try message.set(.id, to: long)
        try kept.assign(.request, from: message)
        #expect(kept.text(.id) == long && kept.segmentCount == message.segmentCount)
        try message.set(.id, to: "h")
        try kept.assign(.request, from: message)
        #expect(kept.bytes.capacity < 2000 && kept.text(.id) == "h" && kept.requestBytes == message.requestBytes)
    }

    @Test("what cannot be read or written in a way is refused, and nothing changes")
    func wrongKind() throws {
        let message = try Self.sample()
        let before = message.requestBytes
        #expect(throws: MessageError.self) { try message.set(.labels, to: []) }
        #expect(throws: MessageError.self) { try message.set(.state, to: "UP") }
        #expect(throws: MessageError.self) { try message.setNumber(.id, to: 1) }
        #expect(throws: MessageError.self) { try message.setValue("v", of: "k", in: .id) }
        #expect(throws: MessageError.self) { try message.set(.id, to: [0xff]) }
        #expect(throws: MessageError.self) { try message.set(.path, to: [0x12, 9]) }
        #expect(throws: MessageError.self) { try message.set(.preferences, to: [0x0a, 0]) }
        #expect(message.requestBytes == before)
        #expect(message.bytes(.labels) == nil)
        #expect(message.number(.id) == 0)
    }
}
