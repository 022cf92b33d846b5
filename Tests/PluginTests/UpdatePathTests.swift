// SPDX-License-Identifier: Apache-2.0
// The rules of the path as other NSM applications rely on them; T7.1 to T7.8 are the names of the reference's list.
// Names are nse-1 to nse-3 there too.
internal import CatenaABI
internal import ElementTestSupport
internal import Testing

@testable internal import UpdatePathElement

private typealias Segment = FakeMessage.Segment

@Suite("updatepath")
struct UpdatePathTests {
    private let element: TestElement<UpdatePathElement>

    init() throws {
        element = try TestElement(UpdatePathElement.self, config: #"{"name":"nse-3"}"#)
    }

    private static func isUUID(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 4, 4, 4, 12] && parts[2].hasPrefix("4") && "89ab".contains(parts[3].prefix(1))
    }

    @Test("T7.1 with no path and no id, the path begins here with a random id")
    func nothing() {
        let message = FakeMessage(), call = TestCall(message)
        #expect(element.request(call) == .next)
        #expect(message.segments == [Segment("nse-3", message.id)] && message.pathIndex == 0 && Self.isUUID(message.id))
        #expect(element.requestReply(call) == .next)
        #expect(message.segments.count == 1 && message.pathIndex == 0)
    }

    @Test("T7.2 with no path, a given id is kept")
    func givenID() {
        let message = FakeMessage(id: "conn-1")
        #expect(element.request(TestCall(message)) == .next)
        #expect(message.id == "conn-1" && message.segments == [Segment("nse-3", "conn-1")])
    }

    @Test("T7.3 if the current segment is ours, the connection takes its id and the path stays")
    func ours() {
        let path = [Segment("nse-1", "id-1"), Segment("nse-3", "id-3")]
        let message = FakeMessage(id: "other", segments: path, index: 1)
        #expect(element.request(TestCall(message)) == .next)
        #expect(message.id == "id-3" && message.segments == path && message.pathIndex == 1)
    }

    @Test("T7.4 an id that is not the current segment's is an error", arguments: [true, false])
    func wrongID(close: Bool) {
        let message = FakeMessage(id: "other", segments: [Segment("nse-1", "id-1")])
        let said = close ? element.close(TestCall(message)) : element.request(TestCall(message))
        #expect(said == .fail(CATENA_INVALID_ARGUMENT, "Current PathSegment.Id==id-1 should be equal Connection.Id==other"))
    }

    @Test("T7.5 an index outside the path is an error", arguments: [(2, 3), (3, 4), (UInt32.max, 4_294_967_296)])
    func wrongIndex(index: UInt32, shown: Int) {
        let message = FakeMessage(id: "id-2", segments: [Segment("nse-1", "id-1"), Segment("nse-2", "id-2")], index: index)
        #expect(
            element.request(TestCall(message))
                == .fail(CATENA_INVALID_ARGUMENT, "Path.Index+1==\(shown) should be less or equal len(Path.PathSegments)==2"))
    }

    @Test("T7.6 a next segment of another name becomes ours with a new id, and the caller gets its own view back")
    func otherName() {
        let path = [Segment("nse-1", "id-1"), Segment("nse-2", "id-2", token: "t", expires: 9)]
        let message = FakeMessage(id: "id-1", segments: path), call = TestCall(message)
        #expect(element.request(call) == .next)
        #expect(message.pathIndex == 1 && message.segments[1].name == "nse-3" && message.segments[1].id == message.id)
        #expect(Self.isUUID(message.id) && message.segments[1].token == "t" && message.segments[1].expires == 9)
        #expect(element.requestReply(call) == .next)
        #expect(message.pathIndex == 0 && message.id == "id-1" && message.segments.count == 2)
    }

    @Test("T7.7 with no next segment ours is appended, and the caller gets its own view back")
    func appended() {
        let message = FakeMessage(id: "id-1", segments: [Segment("nse-1", "id-1")]), call = TestCall(message)
        #expect(element.request(call) == .next)
        #expect(message.pathIndex == 1 && message.segments.map(\.name) == ["nse-1", "nse-3"] && Self.isUUID(message.id))
        #expect(element.requestReply(call) == .next)
        #expect(message.pathIndex == 0 && message.id == "id-1" && message.segments.count == 2)
    }

    @Test("T7.8 if the next segment is ours its id is used again", arguments: [true, false])
    func again(close: Bool) {
        let path = [Segment("nse-1", "id-1"), Segment("nse-3", "id-3")]
        let message = FakeMessage(id: "id-1", segments: path), call = TestCall(message)
        #expect((close ? element.close(call) : element.request(call)) == .next)
        #expect(message.pathIndex == 1 && message.id == "id-3" && message.segments == path)
        if close { return }
        #expect(element.requestReply(call) == .next)
        #expect(message.pathIndex == 0 && message.id == "id-1")
    }

    @Test("a path that was cut below does not break the way out")
    func cut() {
        let path = [Segment("nse-1", "id-1"), Segment("nse-2", "id-2")]
        let message = FakeMessage(id: "id-2", segments: path, index: 1), call = TestCall(message)
        #expect(element.request(call) == .next)
        message.segments = [path[0]]
        message.pathIndex = 0
        message.id = "id-1"
        #expect(element.requestReply(call) == .next)
        #expect(message.pathIndex == 0 && message.id == "id-1")
    }

    @Test("after a failure the message is left alone")
    func failure() {
        let message = FakeMessage(id: "id-1", segments: [Segment("nse-1", "id-1")]), call = TestCall(message)
        #expect(element.request(call) == .next)
        #expect(element.requestReply(call, below: FakeError(CATENA_ABORTED, "x")) == .next)
        #expect(message.pathIndex == 1)
    }

    @Test("a Close of nothing is an error")
    func closeOfNothing() {
        #expect(
            element.close(TestCall(FakeMessage())) == .fail(CATENA_INVALID_ARGUMENT, "a Close needs a connection with an id or a path"))
    }

    @Test("ids are random UUIDs of version 4")
    func ids() {
        var random = SystemRandomNumberGenerator()
        let ids = Set((0..<100).map { _ in UUIDv4.text(from: &random) })
        #expect(ids.count == 100 && ids.allSatisfy(Self.isUUID))
    }
}
