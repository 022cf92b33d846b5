// SPDX-License-Identifier: Apache-2.0
// The small languages inside a config's strings, and JSON itself. What the host has checked already is tried for one thing
// only: that nothing gets past as something else.
internal import Testing

@testable internal import CatenaElement

@Suite("Texts of a config")
struct ConfigTextTests {
    @Test(
        "a duration has units from long to short",
        arguments: [
            ("250ms", Duration.milliseconds(250)), ("5s", .seconds(5)), ("1m30s", .seconds(90)), ("2h", .seconds(7200)),
            ("1us", .microseconds(1)), ("7ns", .nanoseconds(7)), ("0s", .zero),
            ("1.5s", .milliseconds(1500)), ("0.25h", .seconds(900)), ("1.5h0.5m", .seconds(5430)), ("0.000000001s", .nanoseconds(1)),
        ])
    func durations(text: String, expected: Duration) {
        #expect(DurationText.parse(text) == expected)
    }

    @Test("what is no duration is refused", arguments: ["", "5", "s", "5 s", "30s1m", "1s1s", "-1s", "1.s", ".5s", "1.5", "1.5ns", "1.0000000001s", "1.5.5s", "5S", "٥s", "9999999999h", "5sx"])
    func notDurations(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test("a span is whole nanoseconds, never negative, never too large")
    func nanoseconds() {
        #expect(Duration.milliseconds(1500).nanoseconds == 1_500_000_000)
        #expect(Duration.seconds(-1).nanoseconds == 0)
        #expect(Duration.seconds(Int64.max).nanoseconds == .max)
    }

    @Test("a client URL is kept as it was written", arguments: ["tcp://127.0.0.1:5001", "tcp://host:1", "unix:///run/a.sock", "inproc://endpoint"])
    func urls(text: String) throws {
        let url = try ClientURL(text), same = try ClientURL(text)
        #expect(url.text == text && !url.isEmpty && url == same && url != ClientURL())
        let kept = KeptURL(url), other = KeptURL(try ClientURL("tcp://127.0.0.1:5002"))
        #expect(url == kept && kept.url == url && !(url == other) && !(ClientURL() == kept) && ClientURL() == KeptURL(ClientURL()))
    }

    @Test(
        "what is no client URL is refused with the reason",
        arguments: [
            ("", "there is no \"://\" in it"), ("tcp:5001", "there is no \"://\" in it"), ("tcp://5001", "expected host:port after tcp://"),
            ("tcp://:5001", "expected host:port after tcp://"), ("tcp://a:0", "a port is a number from 1 to 65535"),
            ("tcp://a:65536", "a port is a number from 1 to 65535"), ("tcp://::1:5001", "an IPv6 address stands in brackets"),
            ("tcp://a/b:1", "expected host:port after tcp://"), ("unix://a", "a socket has an absolute path"),
            ("unix:///" + String(repeating: "a", count: 107), "a socket's path has at most 107 bytes"),
            ("inproc://", "expected the name of a chain after inproc://"), ("tcp://a b:1", "there is a space or a control character in it"),
            ("inproc://" + String(repeating: "a", count: 243), "a URL has at most 251 bytes"),
        ])
    func notURLs(text: String, reason: String) {
        #expect(throws: ClientURL.Malformed(reason: reason)) { try ClientURL(text) }
    }

    @Test("the longest URL fits into its context value")
    func longest() throws {
        let text = "inproc://" + String(repeating: "a", count: 242)
        #expect(try ClientURL(text).text == text)
        #expect(MemoryLayout<ClientURL>.size == 256)
    }

    @Test(
        "text that is not JSON is refused",
        arguments: [
            "", "{", "}", "[1,]", "{\"a\"}", "{\"a\":1,}", "tru", "\"a", "\"\\x\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\u+041\"", "\"\\u-000\"", "\"\u{1}\"", "1 2",
            String(repeating: "[", count: 129) + String(repeating: "]", count: 129),
        ])
    func notJSON(text: String) {
        #expect(throws: JSONParser.Failure.self) { try JSONParser.parse(Array(text.utf8)) }
    }
}
