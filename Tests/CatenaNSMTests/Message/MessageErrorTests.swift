// SPDX-License-Identifier: Apache-2.0
// Every way in which bytes can be malformed, with the sentence that tells where.

@testable import CatenaNSM
import Testing

@Suite("Malformed bytes")
struct MessageErrorTests {
    static let malformed: [([UInt8], String)] = [
        ([0x0a], "NetworkServiceRequest.connection at byte 1: the bytes end inside a field"),
        ([0x0a, 5, 0x0a], "NetworkServiceRequest.connection at byte 0: the bytes end inside a field"),
        ([0x0a, 3, 0x0a, 5, 0x61], "Connection.id at byte 2: the bytes end inside a field"),
        ([0x0a, 3, 0x0a, 1, 0xff], "Connection.id at byte 4: the text is not UTF-8"),
        ([0x0a, 4, 0x0a, 2, 0xc0, 0x80], "Connection.id at byte 4: the text is not UTF-8"),
        ([0x0a, 5, 0x0a, 3, 0xed, 0xa0, 0x80], "Connection.id at byte 4: the text is not UTF-8"),
        ([0x0a, 7, 0x32, 5, 0x12, 3, 0x1a, 1, 0x80], "PathSegment.token at byte 8: the text is not UTF-8"),
        ([0x0a, 5, 0x2a, 3, 0x0a, 1, 0xff], "Connection.labels at byte 6: the text is not UTF-8"),
        ([0x0a, 4, 0x2a, 2, 0x12, 5], "Connection.labels at byte 4: the bytes end inside a field"),
        ([0x00], "NetworkServiceRequest at byte 0: field number 0 is not allowed"),
        ([0x0e], "NetworkServiceRequest.connection at byte 0: there is no such wire type"),
        ([0x0f], "NetworkServiceRequest.connection at byte 0: there is no such wire type"),
        ([0x0c], "NetworkServiceRequest.connection at byte 0: a group ends that did not begin"),
        ([0x0b], "NetworkServiceRequest.connection at byte 1: the bytes end inside a field"),
        ([0x0b, 0x14], "NetworkServiceRequest.mechanism_preferences at byte 1: a group ends that did not begin"),
        ([0x80], "NetworkServiceRequest at byte 0: the bytes end inside a field"),
        ([0x88, 0x80, 0x80, 0x80, 0x80, 0], "NetworkServiceRequest at byte 0: a number or tag has too many bytes"),
        ([0x78] + [UInt8](repeating: 0x80, count: 10), "NetworkServiceRequest.#15 at byte 1: a number or tag has too many bytes"),
        ([0x79, 1, 2], "NetworkServiceRequest.#15 at byte 0: the bytes end inside a field"),
        (
            [UInt8](repeating: 0x0b, count: 200),
            "NetworkServiceRequest.connection at byte 100: more than 100 messages inside each other"
        ),
    ]

    @Test("are refused with a sentence that says where", arguments: malformed)
    func refused(bytes: [UInt8], sentence: String) {
        do {
            _ = try Message(request: bytes)
            Issue.record("accepted \(bytes)")
        } catch {
            #expect(error.description == sentence)
        }
    }

    @Test("of a connection are counted from the connection's first byte")
    func connectionOffsets() {
        #expect(throws: MessageError(.notUTF8, at: 2, in: .connection, field: 1)) { try Message(connection: [0x0a, 1, 0xff]) }
    }

    static let legal: [(String, [UInt8])] = [
        ("nothing", []),
        ("a known number with another wire type", [0x08, 5]),
        ("a balanced group", [0x7b, 0x08, 1, 0x7c]),
        ("a padded tag and length", [0x8a, 0x80, 0x00, 0x80, 0x00]),
        ("a number of ten bytes", [0x78] + [UInt8](repeating: 0xff, count: 9) + [0x7f]),
        ("an empty map entry", [0x0a, 2, 0x2a, 0]),
    ]

    @Test("are not: what is only unusual", arguments: legal)
    func accepted(name: String, bytes: [UInt8]) throws {
        #expect(try Message(request: bytes).requestBytes == bytes)
    }
}
