// SPDX-License-Identifier: Apache-2.0
// The table as a C element uses it: numbers for fields, borrowed views, statuses, NULL where something should be.

import CatenaABI
@testable import CatenaNSM
import Testing

@Suite("message/1")
struct MessageServiceTests {
    let api = MessageService.table()

    /// Runs with a reference that is given back afterwards.
    private func with(_ message: Message, _ body: (OpaquePointer) throws -> Void) rethrows {
        let pointer = message.retained()
        defer { api.release(pointer) }
        try body(pointer)
    }

    private func text(_ view: catena_view) -> String? {
        view.buffer.map { String(decoding: $0, as: UTF8.self) }
    }

    private func text(_ view: catena_str) -> String { String(decoding: view.buffer, as: UTF8.self) }

    /// Text as C would hand it in; it lives as long as the process.
    private func constant(_ text: StaticString) -> catena_view { catena_view(ptr: text.utf8Start, len: text.utf8CodeUnitCount) }

    private func string(_ text: StaticString) -> catena_str {
        catena_str(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @Test("fields have the numbers of catena.h")
    func numbers() {
        let numbers = [
            CATENA_F_ID, CATENA_F_NETWORK_SERVICE, CATENA_F_MECHANISM, CATENA_F_CONTEXT, CATENA_F_LABELS, CATENA_F_PATH,
            CATENA_F_ENDPOINT, CATENA_F_PAYLOAD, CATENA_F_STATE, CATENA_F_CONNECTION, CATENA_F_PREFERENCES, CATENA_F_REQUEST,
            CATENA_F_PATH_INDEX, CATENA_F_PARAMETERS,
        ]
        #expect(MessageField.allCases.map(\.rawValue) == numbers)
        #expect(api.struct_size == UInt32(MemoryLayout<catena_message_api>.size))
    }

    @Test("reads and writes text, numbers and map entries")
    func fields() throws {
        try with(MessageTests.sample()) { m in
            #expect(text(api.get(m, CATENA_F_ID)) == "c")
            #expect(api.set(m, CATENA_F_ID, constant("other")) == CATENA_OK)
            #expect(text(api.get(m, CATENA_F_ID)) == "other")
            #expect(api.set(m, CATENA_F_ID, .absent) == CATENA_OK)
            #expect(api.get(m, CATENA_F_ID).ptr == nil)
            #expect(api.set_number(m, CATENA_F_STATE, 1) == CATENA_OK)
            #expect(api.number(m, CATENA_F_STATE) == 1)
            #expect(text(api.get_key(m, CATENA_F_LABELS, string("a"))) == "1")
            #expect(api.set_key(m, CATENA_F_PARAMETERS, string("k"), constant("v")) == CATENA_OK)
            #expect(text(api.get_key(m, CATENA_F_PARAMETERS, string("k"))) == "v")
            #expect(api.set_key(m, CATENA_F_PARAMETERS, string("k"), .absent) == CATENA_OK)
            #expect(api.get_key(m, CATENA_F_PARAMETERS, string("k")).ptr == nil)
            #expect(api.set_key(m, CATENA_F_LABELS, string("e"), constant("")) == CATENA_OK)
            #expect(text(api.get_key(m, CATENA_F_LABELS, string("e"))) == "", "there, and empty")
        }
    }

    @Test("a view of one message is a value for the same message")
    func ownViews() throws {
        try with(MessageTests.sample()) { m in
            #expect(api.set(m, CATENA_F_ID, api.get(m, CATENA_F_NETWORK_SERVICE)) == CATENA_OK)
            #expect(text(api.get(m, CATENA_F_ID)) == "icmp")
            #expect(api.set(m, CATENA_F_CONNECTION, api.get(m, CATENA_F_CONNECTION)) == CATENA_OK)
            #expect(api.set(m, CATENA_F_REQUEST, api.get(m, CATENA_F_REQUEST)) == CATENA_OK)
            var segment = catena_segment()
            #expect(api.segment(m, 0, &segment) == CATENA_OK)
            swap(&segment.name, &segment.id)
            #expect(api.set_segment(m, 1, &segment) == CATENA_OK)
            #expect(api.segment(m, 1, &segment) == CATENA_OK)
            #expect((text(segment.name), text(segment.id), text(segment.token)) == ("client-id", "client", "secret"))
        }
    }

    @Test("segments are counted, read, appended and cut")
    func segments() throws {
        try with(MessageTests.sample()) { m in
            var segment = catena_segment()
            #expect(api.segments(m) == 2)
            #expect(api.segment(m, 2, &segment) == CATENA_NOT_FOUND)
            #expect(api.segment(m, 0, &segment) == CATENA_OK)
            #expect(segment.expires_unix_ns == 1_700_000_000_000_000_000)
            segment = catena_segment(name: string("n"), id: string(""), token: string(""), expires_unix_ns: .min)
            #expect(api.set_segment(m, 3, &segment) == CATENA_NOT_FOUND)
            #expect(api.set_segment(m, 2, &segment) == CATENA_OK)
            #expect(api.segment(m, 2, &segment) == CATENA_OK)
            #expect(text(segment.name) == "n" && segment.expires_unix_ns == .min)
            #expect(api.cut_segments(m, 1) == CATENA_OK)
            #expect(api.segments(m) == 1)
        }
    }

    @Test("a clone lives until it is released, and its views do not depend on the original")
    func clones() throws {
        let source = try MessageTests.sample().retained()
        let clone = try #require(api.clone(source))
        api.release(source)
        let original = try MessageTests.sample().retained()
        #expect(api.equal(clone, original))
        let view = api.get(clone, CATENA_F_NETWORK_SERVICE)
        let second = try #require(api.clone(clone))
        #expect(api.set(second, CATENA_F_NETWORK_SERVICE, constant("changed")) == CATENA_OK)
        #expect(text(view) == "icmp")
        #expect(!api.equal(clone, second))
        #expect(api.assign(second, clone, CATENA_F_REQUEST) == CATENA_OK)
        #expect(api.equal(clone, second))
        api.release(second)
        api.release(clone)
        api.release(original)
    }

    @Test("JSON text is written once, to the writer's own context")
    func json() throws {
        var text: [UInt8] = []
        try with(MessageTests.sample()) { m in
            withUnsafeMutablePointer(to: &text) { text in
                var writer = catena_writer(
                    struct_size: UInt32(MemoryLayout<catena_writer>.size), reserved: 0, ctx: text,
                    put: { ctx, view in
                        guard let buffer = view.buffer else { return }
                        ctx?.assumingMemoryBound(to: [UInt8].self).pointee.append(contentsOf: buffer)
                    })
                api.json(m, CATENA_F_CONNECTION, 10, &writer)
            }
        }
        #expect(String(decoding: text, as: UTF8.self) == "{\"id\":\"c\",…")
    }

    @Test("what breaks the rules of the header gets a status, and nothing is done")
    func misuse() throws {
        let message = try MessageTests.sample()
        let before = message.requestBytes
        with(message) { m in
            #expect(api.set(m, 99, constant("x")) == CATENA_MISUSE)
            #expect(api.set(m, CATENA_F_LABELS, constant("x")) == CATENA_MISUSE)
            #expect(api.set_number(m, CATENA_F_ID, 1) == CATENA_MISUSE)
            #expect(api.set_key(m, CATENA_F_ID, string("k"), constant("v")) == CATENA_MISUSE)
            #expect(api.set(m, CATENA_F_PATH, constant("x")) == CATENA_INVALID_ARGUMENT)
            #expect(api.set(nil, CATENA_F_ID, constant("x")) == CATENA_MISUSE)
            #expect(api.set_segment(m, 0, nil) == CATENA_MISUSE)
            #expect(api.segment(m, 0, nil) == CATENA_MISUSE)
            #expect(api.assign(m, nil, CATENA_F_ID) == CATENA_MISUSE)
            #expect(api.get(m, CATENA_F_LABELS).ptr == nil)
            #expect(api.get(nil, CATENA_F_ID).ptr == nil)
            #expect(api.number(m, CATENA_F_ID) == 0)
        }
        #expect(message.requestBytes == before)
    }
}
