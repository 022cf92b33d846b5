// SPDX-License-Identifier: Apache-2.0
// Texts that are compared and written where they stand say the same as their copies.
internal import CatenaElement
internal import CatenaElementTesting
internal import Testing

/// Says in a label what it sees of the segment behind the current one, and gives the connection that segment's id.
private final class Looking: ChainElement, RequestHook {
    static let descriptor = ElementDescriptor("looking", summary: "looks at a segment")
    init(config: NoConfig, host: Host) {}
    func request(_ hop: borrowing Hop<Looking>) -> Verdict {
        let service = hop.message.networkService
        let seen = hop.message.withSegment(at: hop.message.pathIndex + 1) { segment in
            let isSame = [segment.name == service, segment.id == hop.message.borrowedID, segment.token.isEmpty]
            #expect(segment.name.string == segment.copy.name && segment.id.string == segment.copy.id)
            #expect(segment.token.string == segment.copy.token && segment.expires == segment.copy.expires)
            hop.message.setID(to: segment.id)
            return isSame.map { $0 ? "yes" : "no" }.joined(separator: " ")
        }
        hop.message[label: "seen"] = seen ?? "nothing"
        return .next
    }
}

@Suite("Borrowed texts")
struct BorrowedTextTests {
    private func seen(_ message: TestMessage) throws -> TestMessage {
        let element = try HookBench(Looking.self)
        let call = element.call(message)
        #expect(element.request(call) == .next)
        return call.message
    }

    @Test(
        "texts are the same when their bytes are", arguments: [
            ("", "", true), ("a", "a", true), ("a", "b", false), ("a", "", false), ("12345678", "12345678", true), ("12345678", "1234567", false),
            ("12345678", "12345679", false), ("12345678-a", "12345678-a", true), ("12345678-a", "12345678-b", false),
            ("a longer text than fits into a word or two", "a longer text than fits into a word or two", true),
            ("\u{e9}", "e\u{301}", false),
        ])
    func comparing(_ one: String, _ other: String, _ isSame: Bool) throws {
        let segment = PathSegment(name: one, id: one, token: isSame ? "" : "secret", expires: isSame ? nil : 7)
        let message = try seen(TestMessage(id: other, service: other, path: [PathSegment(name: "c", id: "c"), segment]))
        #expect(message[label: "seen"] == (isSame ? "yes yes yes" : "no no no"))
        #expect(message.id == one, "a text of the message may be written to it")
    }

    @Test("there is no segment beyond the end")
    func beyond() throws {
        #expect(try seen(TestMessage(id: "id", path: [PathSegment(name: "c", id: "c")]))[label: "seen"] == "nothing")
        #expect(try seen(TestMessage(id: "id", index: 4_294_967_295))[label: "seen"] == "nothing")
    }
}
