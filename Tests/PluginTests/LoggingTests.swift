// SPDX-License-Identifier: Apache-2.0
// What the lines say, and that nothing else happens: a logging element never changes a call, prints no token and builds
// nothing for a line that is not written.
internal import CatenaABI
internal import ElementTestSupport
internal import LoggingElement
internal import Testing

@Suite("logging")
struct LoggingTests {
    private let host = FakeHost()
    private let message = FakeMessage(
        id: "id-1", service: "icmp", segments: [.init("nsc", "id-0", token: "secret-0"), .init("forwarder", "id-1", token: "secret-1")],
        index: 1)

    private func element(_ config: String = "{}") throws -> TestElement<LoggingElement> {
        try TestElement(LoggingElement.self, config: config, host: host)
    }

    @Test("a Request is one line in and one line out")
    func request() throws {
        let element = try element(), call = TestCall(message)
        #expect(element.request(call) == .next)
        host.time += 1_250_400
        #expect(element.requestReply(call) == .next)
        let fields = ["service": "icmp", "path": "nsc>forwarder", "index": "1", "state": "UP"]
        #expect(host.lines.map(\.text) == ["request", "request done"] && host.lines.map(\.level) == [CATENA_LOG_INFO, CATENA_LOG_INFO])
        #expect(host.lines[0].fields == fields)
        #expect(host.lines[1].fields == fields.merging(["duration": "1.250ms"]) { $1 })
    }

    @Test("below the anchor a line says whether it is the first Request", arguments: [(CATENA_HOP_FIRST, "first"), (0, "refresh")])
    func kind(flags: UInt32, kind: String) throws {
        _ = try element().request(TestCall(message, connection: 5, flags: flags))
        #expect(host.lines[0].fields["kind"] == kind)
    }

    @Test("a failure names code, text and the element that began it")
    func failure() throws {
        let element = try element(), call = TestCall(message)
        #expect(element.request(call) == .next)
        #expect(element.requestReply(call, below: FakeError(CATENA_UNAVAILABLE, "refused", origin: "forwarder/connect")) == .next)
        let line = try #require(host.lines.last)
        #expect(line.text == "request failed" && line.level == CATENA_LOG_ERROR)
        #expect(line.fields["code"] == "UNAVAILABLE" && line.fields["error"] == "refused" && line.fields["origin"] == "forwarder/connect")
    }

    @Test("a Close that no caller asked for says why")
    func reason() throws {
        let element = try element(), call = TestCall(message)
        call.hop.reason = CATENA_ROLLBACK
        #expect(element.close(call) == .next && element.closeReply(call) == .next)
        #expect(host.lines.map(\.text) == ["close", "close done"] && host.lines.allSatisfy { $0.fields["reason"] == "rollback" })
        #expect(element.closeReply(call, below: FakeError(CATENA_INTERNAL, "x")) == .next)
        #expect(host.lines.last?.text == "close failed")
    }

    @Test("bodies are limited, and tokens are never printed", arguments: [64, 2048])
    func bodies(limit: Int) throws {
        let element = try element(#"{"bodies":true,"maxBytes":\#(limit)}"#), call = TestCall(message)
        _ = element.request(call)
        _ = element.requestReply(call)
        for line in host.lines {
            let body = try #require(line.fields["body"])
            #expect(!body.contains("secret") && body.utf8.count <= limit + 3)
            #expect(limit == 64 ? body.hasSuffix("\u{2026}") : body.contains("<redacted>"))
        }
        #expect(host.lines.count == 2)
    }

    @Test("without bodies there is none")
    func noBodies() throws {
        _ = try element().request(TestCall(message))
        #expect(host.lines[0].fields["body"] == nil)
    }

    @Test("the config sets the instance's level, and the operator may change it while it runs")
    func level() throws {
        let element = try element(#"{"level":"error"}"#), call = TestCall(message)
        #expect(host.level == CATENA_LOG_ERROR)
        _ = element.request(call)
        _ = element.requestReply(call)
        #expect(host.lines.isEmpty && call.hop.call_slot.load(as: UInt64.self) == 0)
        _ = element.requestReply(call, below: FakeError(CATENA_ABORTED, "x"))
        #expect(host.lines.map(\.text) == ["request failed"] && host.lines[0].fields["duration"] == nil)
        host.level = CATENA_LOG_INFO
        _ = element.request(call)
        #expect(host.lines.count == 2)
    }
}
