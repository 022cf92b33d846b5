// SPDX-License-Identifier: Apache-2.0
// A message of a test is a real one: what is written is what the wire carries, and reads back.
internal import CatenaElement
internal import CatenaElementTesting
internal import Testing

@Suite("TestMessage")
struct TestMessageTests {
    @Test("every field reads back what was written, and survives the wire")
    func fields() throws {
        var message = TestMessage(id: "id", service: "icmp", path: [.init(name: "a", id: "1", token: "t", expires: 5), .init(name: "b", id: "2")], index: 1)
        message.endpoint = "nse"
        message.payload = "IP"
        message.state = .down
        message.mechanism = "KERNEL"
        message[parameter: "name"] = "eth0"
        message[label: "app"] = "web"
        message.preferences = ["MEMIF", String(repeating: "x", count: 300)]
        let back = try TestMessage(request: message.bytes)
        #expect(back == message && back.id == "id" && back.networkService == "icmp" && back.pathIndex == 1)
        #expect(back.segments == [.init(name: "a", id: "1", token: "t", expires: 5), .init(name: "b", id: "2")])
        #expect(back.endpoint == "nse" && back.payload == "IP" && back.state == .down && back.mechanism == "KERNEL")
        #expect(back[parameter: "name"] == "eth0" && back[label: "app"] == "web" && back[label: "none"] == nil)
        #expect(back.preferences == ["MEMIF", String(repeating: "x", count: 300)] && !back.description.contains("\"t\""))
    }

    @Test("what is removed is gone")
    func removal() {
        var message = TestMessage(id: "id", path: [.init(name: "a", id: "1"), .init(name: "b", id: "2")])
        message.mechanism = "KERNEL"
        message.preferences = ["MEMIF"]
        message[label: "app"] = "web"
        (message.mechanism, message.preferences, message[label: "app"], message.segments) = (nil, [], nil, [.init(name: "c", id: "3")])
        #expect(message.mechanism == nil && message.preferences == [] && message.segments.map(\.name) == ["c"] && message[label: "app"] == nil)
    }

    @Test("bytes that are no message are refused")
    func malformed() {
        #expect(throws: TestMessage.Malformed.self) { try TestMessage(request: [0x0a, 0xff]) }
    }

    @Test("a config of Swift values is JSON")
    func config() {
        let config: ConfigText = ["a": "x\"y\\z\n", "b": 2, "c": [1.5, false], "d": ["e": []]]
        #expect(config.json == #"{"a":"x\"y\\z\u000a","b":2,"c":[1.5,false],"d":{"e":[]}}"#)
        #expect(ConfigText("{").json == "{")
    }
}
