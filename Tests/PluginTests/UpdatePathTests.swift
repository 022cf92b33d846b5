// SPDX-License-Identifier: Apache-2.0
// The rules of the path as other NSM applications rely on them; T7.1 to T7.8 are the names of the reference's list.
// Names are nse-1 to nse-3 there too. Every rule is asked of the element linked in and of its built module.
internal import CatenaElement
internal import CatenaElementTesting
internal import Testing

@testable internal import UpdatePathElement

private typealias Segment = PathSegment

@Suite("updatepath")
struct UpdatePathTests {
    private let above = Neighbour("above")
    private let below = Neighbour("below")

    private func run(_ form: ElementForm, _ body: (ChainBench) throws -> Void) async throws {
        let element = BenchElement.element(UpdatePathElement.self, form, config: ["name": "nse-3"])
        try await ChainBench.run([.neighbour(above), element, .neighbour(below)]) { bench in try body(bench) }
    }

    /// What went on below.
    private var inside: TestMessage { below.sights(.request).last?.message ?? below.sights(.close).last?.message ?? TestMessage() }

    private static func isUUID(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 4, 4, 4, 12] && parts[2].hasPrefix("4") && "89ab".contains(parts[3].prefix(1))
    }

    @Test("T7.1 with no path and no id, the path begins here with a random id", arguments: ElementForm.allCases)
    func nothing(form: ElementForm) async throws {
        try await run(form) { bench in
            let answer = try #require(bench.request(TestMessage()).message)
            #expect(inside.segments == [Segment(name: "nse-3", id: inside.id)] && inside.pathIndex == 0 && Self.isUUID(inside.id))
            #expect(answer.segments == inside.segments && answer.pathIndex == 0)
        }
    }

    @Test("T7.2 with no path, a given id is kept", arguments: ElementForm.allCases)
    func givenID(form: ElementForm) async throws {
        try await run(form) { bench in
            bench.request("conn-1")
            #expect(inside.id == "conn-1" && inside.segments == [Segment(name: "nse-3", id: "conn-1")])
        }
    }

    @Test("T7.3 if the current segment is ours, the connection takes its id and the path stays", arguments: ElementForm.allCases)
    func ours(form: ElementForm) async throws {
        let path = [Segment(name: "nse-1", id: "id-1"), Segment(name: "nse-3", id: "id-3")]
        try await run(form) { bench in
            bench.request(TestMessage(id: "other", path: path, index: 1))
            #expect(inside.id == "id-3" && inside.segments == path && inside.pathIndex == 1)
        }
    }

    @Test("T7.4 an id that is not the current segment's is an error", arguments: ElementForm.allCases)
    func wrongID(form: ElementForm) async throws {
        let message = TestMessage(id: "other", path: [Segment(name: "nse-1", id: "id-1")])
        try await run(form) { bench in
            for call in [bench.request(message), bench.close(message)] {
                #expect(call.code == .invalidArgument && call.error?.origin == "bench/updatepath")
                #expect(call.error?.text == "Current PathSegment.Id==id-1 should be equal Connection.Id==other")
            }
            #expect(below.count(.request) == 0 && below.count(.close) == 1)
        }
    }

    @Test("T7.5 an index outside the path is an error", arguments: ElementForm.allCases)
    func wrongIndex(form: ElementForm) async throws {
        let path = [Segment(name: "nse-1", id: "id-1"), Segment(name: "nse-2", id: "id-2")]
        try await run(form) { bench in
            for (index, shown) in [(2, 3), (3, 4), (4_294_967_295, 4_294_967_296)] {
                let call = bench.request(TestMessage(id: "id-2", path: path, index: index))
                #expect(call.code == .invalidArgument)
                #expect(call.error?.text == "Path.Index+1==\(shown) should be less or equal len(Path.PathSegments)==2")
            }
        }
    }

    @Test("T7.6 a next segment of another name becomes ours with a new id, and the caller gets its own view back", arguments: ElementForm.allCases)
    func otherName(form: ElementForm) async throws {
        let path = [Segment(name: "nse-1", id: "id-1"), Segment(name: "nse-2", id: "id-2", token: "t", expires: 9)]
        try await run(form) { bench in
            let answer = try #require(bench.request(TestMessage(id: "id-1", path: path)).message)
            #expect(inside.pathIndex == 1 && Self.isUUID(inside.id))
            #expect(inside.segments == [path[0], Segment(name: "nse-3", id: inside.id, token: "t", expires: 9)])
            #expect(answer.pathIndex == 0 && answer.id == "id-1" && answer.segments == inside.segments)
        }
    }

    @Test("T7.7 with no next segment ours is appended, and the caller gets its own view back", arguments: ElementForm.allCases)
    func appended(form: ElementForm) async throws {
        try await run(form) { bench in
            let answer = try #require(bench.request(TestMessage(id: "id-1", path: [Segment(name: "nse-1", id: "id-1")])).message)
            #expect(inside.pathIndex == 1 && inside.segments.map(\.name) == ["nse-1", "nse-3"] && Self.isUUID(inside.id))
            #expect(answer.pathIndex == 0 && answer.id == "id-1" && answer.segments == inside.segments)
        }
    }

    @Test("T7.8 if the next segment is ours its id is used again", arguments: ElementForm.allCases)
    func again(form: ElementForm) async throws {
        let path = [Segment(name: "nse-1", id: "id-1"), Segment(name: "nse-3", id: "id-3")]
        let message = TestMessage(id: "id-1", path: path)
        try await run(form) { bench in
            let answer = try #require(bench.request(message).message)
            #expect(answer.pathIndex == 0 && answer.id == "id-1")
            #expect(bench.close(message).isGood)
            for seen in below.sights(.request) + below.sights(.close) {
                #expect(seen.message.pathIndex == 1 && seen.message.id == "id-3" && seen.message.segments == path)
            }
        }
    }

    @Test("a path that was cut below does not break the way out", arguments: ElementForm.allCases)
    func cut(form: ElementForm) async throws {
        let path = [Segment(name: "nse-1", id: "id-1"), Segment(name: "nse-2", id: "id-2")]
        below.script(.request, .edit({ ($0.segments, $0.pathIndex, $0.id) = ([path[0]], 0, "id-1") }))
        try await run(form) { bench in
            let answer = try #require(bench.request(TestMessage(id: "id-2", path: path, index: 1)).message)
            #expect(answer.pathIndex == 0 && answer.id == "id-1")
        }
    }

    @Test("after a failure the message is left alone", arguments: ElementForm.allCases)
    func failure(form: ElementForm) async throws {
        below.inject(.aborted, at: .request)
        try await run(form) { bench in
            bench.request(TestMessage(id: "id-1", path: [Segment(name: "nse-1", id: "id-1")]))
            #expect(above.sights(.requestReply).map(\.message.pathIndex) == [1] && above.sights(.requestReply)[0].below?.code == .aborted)
        }
    }

    @Test("a Close of nothing is an error", arguments: ElementForm.allCases)
    func closeOfNothing(form: ElementForm) async throws {
        try await run(form) { bench in
            let call = bench.close(TestMessage())
            #expect(call.code == .invalidArgument && call.error?.text == "a Close needs a connection with an id or a path")
        }
    }

    @Test("ids are random UUIDs of version 4")
    func ids() {
        var random = SystemRandomNumberGenerator()
        let ids = Set((0..<100).map { _ in UUIDv4.text(from: &random) })
        #expect(ids.count == 100 && ids.allSatisfy(Self.isUUID))
    }
}
