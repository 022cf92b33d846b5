// SPDX-License-Identifier: Apache-2.0
// What the lines say, and that nothing else happens: a logging element never changes a call, prints no token and builds
// nothing for a line that is not written.
internal import CatenaElement
internal import CatenaElementTesting
internal import LoggingElement
internal import Testing

@Suite("logging")
struct LoggingTests {
    private let below = Neighbour("below")
    private let message = TestMessage(
        id: "id-1", service: "icmp",
        path: [.init(name: "nsc", id: "id-0", token: "secret-0"), .init(name: "forwarder", id: "id-1", token: "secret-1")], index: 1)

    private func run(
        _ form: ElementForm, _ config: ConfigText = .empty, below anchor: [BenchElement] = [], _ body: (ChainBench) throws -> Void
    ) async throws {
        let chain = anchor + [.element(LoggingElement.self, form, config: config), .neighbour(below)]
        try await ChainBench.run(chain) { bench in try body(bench) }
    }

    /// The element's own lines; the host's part of them, the connection's id, is not looked at.
    private func lines(_ bench: ChainBench) -> [LogLine] { bench.logLines.filter { $0.origin == "bench/logging" } }
    private func fields(_ line: LogLine) -> [String: String] { line.fields.filter { $0.key != "connection" } }

    @Test("a Request is one line in and one line out, and is not changed", arguments: ElementForm.allCases)
    func request(form: ElementForm) async throws {
        below.script(.request, .after(.nanoseconds(1_250_400), .next))
        try await run(form) { bench in
            let call = bench.request(message)
            bench.advance(by: .seconds(1))
            #expect(call.message == message && below.sights(.request).map(\.message) == [message])
            let lines = lines(bench), expected = ["service": "icmp", "path": "nsc>forwarder", "index": "1", "state": "UP"]
            #expect(lines.map(\.text) == ["request", "request done"] && lines.map(\.level) == [.info, .info])
            #expect(lines.map(fields) == [expected, expected.merging(["duration": "1.250ms"]) { $1 }])
        }
    }

    @Test("below the anchor a line says whether it is the first Request", arguments: ElementForm.allCases)
    func kind(form: ElementForm) async throws {
        try await run(form, below: [.anchor]) { bench in
            bench.request(message)
            bench.request(message)
            #expect(lines(bench).filter { $0.text == "request" }.map { $0.fields["kind"] } == ["first", "refresh"])
        }
    }

    @Test("a failure names code, text and the element that began it", arguments: ElementForm.allCases)
    func failure(form: ElementForm) async throws {
        below.inject(.unavailable, "refused", at: .request)
        try await run(form) { bench in
            bench.request(message)
            let line = try #require(lines(bench).first { $0.text == "request failed" })
            #expect(line.level == .error)
            #expect(line.fields["code"] == "UNAVAILABLE" && line.fields["error"] == "refused" && line.fields["origin"] == "bench/below")
        }
    }

    @Test("a Close that no caller asked for says why, and one that failed says so", arguments: ElementForm.allCases)
    func reason(form: ElementForm) async throws {
        below.script(.request, .fail(.aborted, "x"), .next)
        below.inject(.internal, at: .closeReply)
        try await run(form, below: [.anchor]) { bench in
            bench.request(message)
            #expect(lines(bench).map(\.text) == ["request", "request failed", "close", "close done"])
            #expect(lines(bench).suffix(2).allSatisfy { $0.fields["reason"] == "rollback" })
            bench.request(message)
            bench.close(message)
            #expect(lines(bench).suffix(2).map(\.text) == ["close", "close failed"])
            #expect(lines(bench).suffix(2).allSatisfy { $0.fields["reason"] == nil })
        }
    }

    @Test("bodies are limited, and tokens are never printed", arguments: ElementForm.allCases, [64, 2048])
    func bodies(form: ElementForm, limit: Int) async throws {
        try await run(form, #"{"bodies":true,"maxBytes":\#(limit)}"#) { bench in
            bench.request(message)
            for line in lines(bench) {
                let body = try #require(line.fields["body"])
                #expect(!body.contains("secret") && body.utf8.count <= limit + 3)
                #expect(limit == 64 ? body.hasSuffix("\u{2026}") : body.contains("redacted"))
            }
            #expect(lines(bench).count == 2)
        }
    }

    @Test("without bodies there is none", arguments: ElementForm.allCases)
    func noBodies(form: ElementForm) async throws {
        try await run(form) { bench in
            bench.request(message)
            #expect(lines(bench).map { $0.fields["body"] } == [nil, nil])
        }
    }

    @Test("the config sets the instance's level, and the operator may change it while it runs", arguments: ElementForm.allCases)
    func level(form: ElementForm) async throws {
        try await run(form, ["level": "error"]) { bench in
            bench.request(message)
            #expect(lines(bench).isEmpty)
            below.inject(.aborted, at: .request)
            bench.request(message)
            #expect(lines(bench).map(\.text) == ["request failed"] && lines(bench)[0].fields["duration"] == nil)
            bench.setLogLevel(.info)
            bench.request(message)
            #expect(lines(bench).map(\.text) == ["request failed", "request", "request done"])
        }
    }

    @Test("a line that is not written costs no clock: the call slot is not touched")
    func untouched() throws {
        let bench = try HookBench(LoggingElement.self, config: ["level": "error"]), call = bench.call(message)
        #expect(bench.request(call) == .next && bench.requestReply(call) == .next)
        #expect(call.callSlotBytes.allSatisfy { $0 == 0 } && bench.host.lines.isEmpty)
    }
}
