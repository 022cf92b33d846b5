// SPDX-License-Identifier: Apache-2.0
// What holds for all bytes that are handed to a message, and for every edit of what it accepts. The fuzzer of Tests/Fuzz compiles this
// very file: what it looks for and what the unit tests replay can therefore not differ.

@testable import CatenaNSM
import SwiftProtobuf

/// The promises of the message index, with swift-protobuf as the reference for what wire bytes mean.
enum MessagesPromises {
    /// The promises that do not hold for this input, as sentences; not to crash and to come back are two more.
    ///
    /// The first byte says how many edits there are (low three bits) and by how many of the next bytes they are chosen; what follows is
    /// a request as a peer would send it.
    static func broken(by input: [UInt8]) -> [String] {
        let head = input.first ?? 0
        let choices = input.dropFirst().prefix(Int(head >> 3) * 2)
        let bytes = Array(input.dropFirst(1 + choices.count))
        do {
            return try request(bytes) + connection(bytes) + edits(Int(head & 0x7), choices, of: bytes)
        } catch {
            return ["a step that cannot fail did: \(error)"]
        }
    }

    /// Accepted is what swift-protobuf accepts; it means the same, and goes out as it came.
    private static func request(_ bytes: [UInt8]) throws -> [String] {
        let message: CatenaNSM.Message
        do throws(MessageError) {
            message = try CatenaNSM.Message(request: bytes)
        } catch {
            return refusal(error, of: bytes, isRight: (try? Request(serializedBytes: bytes)) == nil)
        }
        var broken = try unchanged(message, bytes) + printed(message)
        guard !MessageType.request.hasWronglyTypedEntry(bytes, 0..<bytes.count) else { return broken }
        guard let expected = try? Request(serializedBytes: bytes) else { return broken + ["swift-protobuf refuses what was accepted"] }
        broken += try MessageModel(message, expected: expected).disagreements()
        let canonical = MessageType.request.canonical(bytes.span, 0..<bytes.count)
        if try Request(serializedBytes: canonical) != expected { broken.append("the canonical form means something else") }
        if !message.isEqual(to: try CatenaNSM.Message(request: canonical)) { broken.append("a message is not equal to its canonical form") }
        return broken
    }

    /// The same bytes as a Close carries them.
    private static func connection(_ bytes: [UInt8]) throws -> [String] {
        let message: CatenaNSM.Message
        do throws(MessageError) {
            message = try CatenaNSM.Message(connection: bytes)
        } catch {
            return refusal(error, of: bytes, isRight: (try? Connection_Connection(serializedBytes: bytes)) == nil)
        }
        var broken: [String] = []
        if try CatenaNSM.Message(request: message.requestBytes).connectionBytes != message.connectionBytes {
            broken.append("a connection became another one inside its request")
        }
        guard !MessageType.connection.hasWronglyTypedEntry(bytes, 0..<bytes.count) else { return broken }
        guard let expected = try? Connection_Connection(serializedBytes: bytes) else {
            return broken + ["swift-protobuf refuses the connection that was accepted"]
        }
        if try Connection_Connection(serializedBytes: message.connectionBytes) != expected { broken.append("a connection means something else") }
        return broken
    }

    private static func refusal(_ error: MessageError, of bytes: [UInt8], isRight: Bool) -> [String] {
        if !(0...bytes.count).contains(error.offset) { return ["\(error) lies outside of \(bytes.count) bytes"] }
        // A tag of more than five bytes inside a group or a map entry is where we are stricter.
        if isRight || error.reason == .overlongNumber { return [] }
        // And swift-protobuf reads on in the middle of a key or value of the wrong wire type, where it then meets other mistakes, or none.
        if case .map? = error.place.type.field(error.place.number)?.kind, error.reason != .notUTF8 { return [] }
        return ["swift-protobuf accepts what was refused: \(error)"]
    }

    private static func unchanged(_ message: CatenaNSM.Message, _ bytes: [UInt8]) throws -> [String] {
        let came = message.requestBytes
        if try MessageIndex(scanning: bytes.span).isPlain { return came == bytes ? [] : ["unchanged bytes were changed"] }
        return try CatenaNSM.Message(request: came).requestBytes == came ? [] : ["what was made plain is not plain"]
    }

    /// As text it is no longer than asked for.
    private static func printed(_ message: CatenaNSM.Message) -> [String] {
        MessageField.allCases.compactMap { field in
            let count = message.json(field, limit: 100).utf8.count
            return count <= 100 + 8 ? nil : "\(field) as text has \(count) bytes"
        }
    }

    /// An edit changes what it names and nothing else, on clones too.
    private static func edits(_ count: Int, _ choices: ArraySlice<UInt8>, of bytes: [UInt8]) throws -> [String] {
        guard count > 0, let message = try? CatenaNSM.Message(request: bytes) else { return [] }
        guard !MessageType.request.hasWronglyTypedEntry(bytes, 0..<bytes.count) else { return [] }
        var wire = RandomWire(seed: UInt64(choices.count), choices: choices)
        var model = try MessageModel(bytes)
        let before = model.clone()
        var done: [String] = []
        for _ in 0..<count {
            done.append(try model.edit(&wire))
            let wrong = try model.disagreements() + model.indexErrors()
            if !wrong.isEmpty { return wrong.map { "after \(done): \($0)" } }
        }
        return message.isEqual(to: before.message) && before.message.requestBytes == message.requestBytes ? [] : ["\(done) changed a clone"]
    }
}
