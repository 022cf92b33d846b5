// SPDX-License-Identifier: Apache-2.0
// The C example, built by its own Makefile and opened as a host would. Its clock is the test's, so that a minute takes no
// time.
internal import CatenaABI
internal import CatenaElement
internal import CatenaElementTesting
internal import Foundation
internal import Testing

@Suite("Examples/rate-limit-c")
struct RateLimitExampleTests {
    private let source: ElementSource

    init() throws { source = try Self.built.get() }

    /// Built once for all tests. The file may go when it is open.
    private static let built = Result {
        let build = FileManager.default.temporaryDirectory.appendingPathComponent("catena-rate-limit-\(getpid())").path
        let folder = GuideTests.root.appendingPathComponent("Examples/rate-limit-c").path
        let include = GuideTests.root.appendingPathComponent("Sources/CatenaABI/include").path
        defer { try? FileManager.default.removeItem(atPath: build) }
        #expect(try Tool.run(["make", "-s", "-C", folder, "BUILD=\(build)", "CATENA_INCLUDE=\(include)"]) == 0)
        return try ElementSource(file: build + "/libratelimit.so")
    }

    @Test("each client has its burst, and then its rate")
    func rate() async throws {
        let config: ConfigText = #"{"rate":2,"burst":3,"x-note":{"a":[1,"\"",null,-1.5e3]}}"#
        try await ChainBench.run([.element(source, config: config)]) { bench in
            func request(_ client: String?) -> ElementError? {
                bench.request(TestMessage(id: "id", path: client.map { [PathSegment(name: $0, id: "id")] } ?? [])).error
            }
            #expect((0..<3).map { _ in request("a") } == [nil, nil, nil])
            let refused = request("a")
            #expect(refused?.code == .resourceExhausted && refused?.origin == "bench/ratelimit")
            #expect(refused?.text == "client \"a\" may make 2 Requests in a second and 3 at once: try again in 501 ms")
            #expect(request("b") == nil && request(nil) == nil)
            bench.advance(by: .nanoseconds(500_000_001))
            #expect(request("a") == nil)
            bench.advance(by: .seconds(60))
            #expect((0..<3).map { _ in request("a") } == [nil, nil, nil] && request("a") != nil)
        }
    }

    @Test(
        "every mistake of a config is told with its place",
        arguments: [
            ("{}", [ConfigProblem(at: "", "\"rate\" is missing: expected a number above 0, at most 1000000")]),
            (#"{"rate":1}"#, []), (#"{"rate":1e-2,"burst":1e6}"#, []), (#" { "rate" : 0.25 , "burst" : 10.0 } "#, []),
            (
                #"{"rate":0,"burst":1.5}"#,
                [
                    ConfigProblem(at: "/rate", "expected a number above 0, at most 1000000"),
                    ConfigProblem(at: "/burst", "expected a whole number from 1 to 1000000"),
                ]
            ),
            (#"{"rate":"1"}"#, [ConfigProblem(at: "/rate", "expected a number above 0, at most 1000000")]),
            (#"{"rate":1e400}"#, [ConfigProblem(at: "/rate", "expected a number above 0, at most 1000000")]),
            (#"{"rate":1,"brust":1}"#, [ConfigProblem(at: "", "unknown key \"brust\": there are \"rate\" and \"burst\"")]),
            (#"{"rate":1"#, [ConfigProblem(at: "", "expected a JSON object")]), ("[]", [ConfigProblem(at: "", "expected a JSON object")]),
            (#"{"rate":1,"x-a":"\"#, [ConfigProblem(at: "", "expected a JSON object")]), ("", [ConfigProblem(at: "", "expected a JSON object")]),
        ])
    func config(json: String, problems: [ConfigProblem]) throws {
        #expect(source.problems(in: ConfigText(json)) == problems)
        // Its schema says the same of what is JSON at all.
        let schema = try JSONSchema(source.schema)
        if let accepted = try? schema.accepts(json) { #expect(accepted == problems.isEmpty) }
    }

    @Test("it says what its config is, and has no hook but one")
    func table() throws {
        let schema = try JSONSchema(source.schema)
        #expect(schema.property("burst")?["default"] as? Int == 1)
        let type = source.type.pointee
        #expect(type.request != nil && type.close == nil && type.call_slot_size == 0)
    }
}
