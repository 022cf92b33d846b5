// SPDX-License-Identifier: Apache-2.0
//
// The forms of an address, and the one normal form of each: what prints the same is the same.

import CatenaConfig
import Testing

@Suite("Endpoint URL")
struct EndpointURLTests {
    @Test("reads an address and prints its normal form", arguments: [
        ("tcp://127.0.0.1:5001", .tcp(host: "127.0.0.1", port: 5001), "tcp://127.0.0.1:5001"),
        ("tcp://Node-1.Example.org:0", .tcp(host: "node-1.example.org", port: 0), "tcp://node-1.example.org:0"),
        ("TCP://my_service:65535", .tcp(host: "my_service", port: 65535), "tcp://my_service:65535"),
        ("tcp://[::1]:05001", .tcp(host: "::1", port: 5001), "tcp://[::1]:5001"),
        ("tcp://[0:0:0:0:0:0:0:0]:1", .tcp(host: "::", port: 1), "tcp://[::]:1"),
        ("tcp://[2001:DB8:0:0:1:0:0:1]:1", .tcp(host: "2001:db8::1:0:0:1", port: 1), "tcp://[2001:db8::1:0:0:1]:1"),
        ("tcp://[1:2:3:4:5:6:7::]:1", .tcp(host: "1:2:3:4:5:6:7:0", port: 1), "tcp://[1:2:3:4:5:6:7:0]:1"),
        ("tcp://[::ffff:10.0.0.1]:1", .tcp(host: "::ffff:a00:1", port: 1), "tcp://[::ffff:a00:1]:1"),
        ("unix:///run/a.sock", .unix(path: "/run/a.sock"), "unix:///run/a.sock"),
        ("unix:////run//./a b.sock", .unix(path: "/run/a b.sock"), "unix:///run/a b.sock"),
        ("inproc://to-next-hop", .inproc(chain: "to-next-hop"), "inproc://to-next-hop"),
    ] as [(String, EndpointURL, String)])
    func accepted(text: String, url: EndpointURL, normal: String) throws {
        #expect(try EndpointURL(text) == url)
        #expect(url.description == normal)
        #expect(try EndpointURL(normal) == url)
    }

    @Test("refuses everything else with a sentence that quotes it", arguments: [
        "", "tcp", "tcp:", "tcp://", "tcp://h", "tcp://h:", "tcp://h:x", "tcp://h:-1", "tcp://h:65536", "tcp://h:1/", "tcp://h:1/x", "tcp://:1",
        "tcp://1.2.3:1", "tcp://1.2.3.4.5:1", "tcp://01.2.3.4:1", "tcp://1.2.3.256:1", "tcp://5001:1", "tcp://a b:1", "tcp://u@h:1", "tcp://a..b:1",
        "tcp://é:1", "tcp://[::1]", "tcp://[::1:1", "tcp://[::1]x:1", "tcp://[]:1", "tcp://[h]:1", "tcp://[1::2::3]:1", "tcp://[:::]:1", "tcp://[12345::]:1",
        "tcp://[1:2:3:4:5:6:7:8::]:1", "tcp://[1:2:3:4:5:6:7]:1", "tcp://[fe80::1%eth0]:1", "tcp://[1.2.3.4::]:1", "tcp://::1:5001", "unix://", "unix:///",
        "unix://run/a", "unix:///run/", "unix:///a\0b", "inproc://", "inproc://a/b", "http://h:1", "://", "h:1", "/run/a.sock", ":5001",
    ])
    func refused(text: String) throws {
        let error = #expect(throws: EndpointURLError.self) { try EndpointURL(text) }
        let start = text.unicodeScalars.contains("\0") ? "\"unix:///a" : "\"\(text)\""
        #expect(try #require(error).message.hasPrefix(start))
    }

    @Test("guesses what a bare address was meant to be", arguments: [
        ("127.0.0.1:5001", "tcp://127.0.0.1:5001"), ("[::1]:5001", "tcp://[::1]:5001"), ("localhost:5001", "tcp://localhost:5001"),
        (":5001", "tcp://127.0.0.1:5001"), ("/run/a.sock", "unix:///run/a.sock"), ("unix:/run/a.sock", "unix:///run/a.sock"),
        ("tcp:h:1", "tcp://h:1"), ("tpc://h:1", "tcp://h:1"),
    ])
    func guessed(text: String, meant: String) throws {
        let error = #expect(throws: EndpointURLError.self) { try EndpointURL(text) }
        #expect(try #require(error).message.contains("did you mean \"\(meant)\"?"))
    }

    @Test("takes a socket path of 107 bytes and none longer")
    func unixPathLength() throws {
        let longest = "/" + String(repeating: "x", count: 106)
        #expect(try EndpointURL("unix://\(longest)") == .unix(path: longest))
        #expect(throws: EndpointURLError.self) { try EndpointURL("unix://\(longest)x") }
        #expect(throws: EndpointURLError.self) { try EndpointURL("unix:///" + String(repeating: "é", count: 54)) }
    }
}
