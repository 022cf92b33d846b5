// SPDX-License-Identifier: Apache-2.0
// The C example, built by its own Makefile and opened as a host would. Its clock is the test's, so that a minute takes no
// time.
internal import CatenaABI
internal import ElementTestSupport
internal import Foundation
internal import Testing

@Suite("Examples/rate-limit-c")
struct RateLimitExampleTests {
    private let type: UnsafePointer<catena_type>

    init() throws { type = try #require(Self.built) }

    /// Built once for all tests. The file may go when it is open.
    private nonisolated(unsafe) static let built: UnsafePointer<catena_type>? = {
        let build = FileManager.default.temporaryDirectory.appendingPathComponent("catena-rate-limit-\(getpid())").path
        let folder = GuideTests.root.appendingPathComponent("Examples/rate-limit-c").path
        let include = GuideTests.root.appendingPathComponent("Sources/CatenaABI/include").path
        defer { try? FileManager.default.removeItem(atPath: build) }
        guard (try? Tool.run(["make", "-s", "-C", folder, "BUILD=\(build)", "CATENA_INCLUDE=\(include)"])) == 0 else { return nil }
        return OpenedModule.type(in: build + "/libratelimit.so")
    }()

    @Test("each client has its burst, and then its rate")
    func rate() throws {
        let host = FakeHost()
        let element = try OpenedElement(type, config: #"{"rate":2,"burst":3,"x-note":{"a":[1,"\"",null,-1.5e3]}}"#, host: host)
        func request(_ client: String?) -> FakeVerdict {
            element.request(TestCall(FakeMessage(id: "id", segments: client.map { [.init($0, "id")] } ?? [])))
        }
        #expect((0..<3).map { _ in request("a") } == [.next, .next, .next])
        let text = "client \"a\" may make 2 Requests in a second and 3 at once: try again in 501 ms"
        #expect(request("a") == .fail(CATENA_RESOURCE_EXHAUSTED, text))
        #expect(request("b") == .next && request(nil) == .next)
        host.time += 500_000_001
        #expect(request("a") == .next)
        host.time += 60_000_000_000
        #expect((0..<3).map { _ in request("a") } == [.next, .next, .next])
        guard case .fail = request("a") else { Issue.record("a burst has an end"); return }
    }

    @Test(
        "every mistake of a config is told with its place",
        arguments: [
            ("{}", [TestProblem("", "\"rate\" is missing: expected a number above 0, at most 1000000")]),
            (#"{"rate":1}"#, []), (#"{"rate":1e-2,"burst":1e6}"#, []), (#" { "rate" : 0.25 , "burst" : 10.0 } "#, []),
            (
                #"{"rate":0,"burst":1.5}"#,
                [
                    TestProblem("/rate", "expected a number above 0, at most 1000000"),
                    TestProblem("/burst", "expected a whole number from 1 to 1000000"),
                ]
            ),
            (#"{"rate":"1"}"#, [TestProblem("/rate", "expected a number above 0, at most 1000000")]),
            (#"{"rate":1e400}"#, [TestProblem("/rate", "expected a number above 0, at most 1000000")]),
            (#"{"rate":1,"brust":1}"#, [TestProblem("", "unknown key \"brust\": there are \"rate\" and \"burst\"")]),
            (#"{"rate":1"#, [TestProblem("", "expected a JSON object")]), ("[]", [TestProblem("", "expected a JSON object")]),
            (#"{"rate":1,"x-a":"\"#, [TestProblem("", "expected a JSON object")]), ("", [TestProblem("", "expected a JSON object")]),
        ])
    func config(json: String, problems: [TestProblem]) throws {
        #expect(OpenedElement.problems(of: type, json) == problems)
        // Its schema says the same of what is JSON at all.
        let schema = try JSONSchema(OpenedElement.schema(of: type))
        if let accepted = try? schema.accepts(json) { #expect(accepted == problems.isEmpty) }
    }

    @Test("it says what its config is, and has no hook but one")
    func table() throws {
        let schema = try JSONSchema(OpenedElement.schema(of: type))
        #expect(schema.property("burst")?["default"] as? Int == 1)
        #expect(type.pointee.request != nil && type.pointee.close == nil && type.pointee.call_slot_size == 0)
    }
}
