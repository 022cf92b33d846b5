// SPDX-License-Identifier: Apache-2.0
//
// A pattern and a parser that mean the same language are two programs; here they read the same texts.
// Where a pattern cannot say what the parser knows, the text is in a list of its own.

@testable import CatenaConfig
import Testing

@Suite("patterns of the schema")
struct SchemaPatternTests {
    private func matches(_ text: String, _ pattern: String) throws -> Bool {
        try text.firstMatch(of: Regex(pattern).matchingSemantics(.unicodeScalar)) != nil
    }

    @Test("a name matches where the reader takes it", arguments: [
        "a", "A9", "0", "a-b_c.d", "", "-a", ".a", "_a", "a/b", "a b", "ä", "a\u{212A}", String(repeating: "x", count: 64),
        String(repeating: "x", count: 65),
    ])
    func names(text: String) throws {
        #expect(try matches(text, SchemaPattern.name) == ConfigName.isValid(text))
    }

    @Test("a duration matches where the parser takes it", arguments: [
        "5s", "0s", "250ms", "1m30s", "30s1m", "1s1s", "1.5s", "1.s", ".5s", "5", "", "s", "-5s", "+5s", "5 s", "5S", "1h1m1s1ms1us", "1us1ms",
        "1.0000000001s", "1.000000001s", "1.00000000100s", "0.001us", "0.0001us", "0.00000000001h", "0.000000000001h", "0.0000000001m",
        "0.00000000001m", "876000h", "8760000h", "0000876000h", "52560000m", "525600000m", "1ns", "1d", "٥s", "0h0m0s",
    ])
    func durations(text: String) throws {
        let duration = DurationText.parse(text)
        #expect(try matches(text, DurationText.pattern(mayBeZero: true)) == (duration != nil))
        #expect(try matches(text, DurationText.pattern(mayBeZero: false)) == (duration.map { $0 > .zero } ?? false))
    }

    @Test("a duration beyond the longest is refused by its digits only", arguments: [("900000h", true), ("876000h1us", true), ("1000000h", false)])
    func longDurations(text: String, isAccepted: Bool) throws {
        #expect(DurationText.parse(text) == nil)
        #expect(try matches(text, DurationText.pattern(mayBeZero: true)) == isAccepted)
    }

    private static let hosts = [
        "a", "A-b_c.d", "localhost", "a.", ".a", "a..b", "1a", "a1", "1", "1.2", "a.1", "1.a", "127.0.0.1", "127.0.0.01", "127.0.0.256", "1.2.3", "1.2.3.4.5",
        "", "a b", "ä", "a/b", "a:b", "user@h", String(repeating: "x", count: 63), String(repeating: "x", count: 64),
        String(repeating: "x.", count: 126) + "y", String(repeating: "x.", count: 126) + "yy", "::1", "[::1]", "[]", "[::]", "[1::]", "[:1]", "[1:]",
        "[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]", "[1:2:3:4:5:6:7::]", "[::2:3:4:5:6:7:8]", "[1::3:4:5:6:7:8]", "[1::2:3:4:5:6:7:8]",
        "[1:2:3:4:5:6:7::8]", "[1::2::3]", "[:::]", "[12345::]", "[g::]", "[FE80::aB]", "[::1.2.3.4]", "[::1.2.3.256]", "[1:2:3:4:5:6:1.2.3.4]",
        "[1:2:3:4:5:6:7:1.2.3.4]", "[1:2:3:4:5::1.2.3.4]", "[1:2:3:4:5:6::1.2.3.4]", "[1.2.3.4::]", "[1.2.3.4]", "[fe80::1%eth0]", "[::1", "::1]",
    ]
    private static let ports = ["0", "1", "80", "00080", "65535", "65536", "99999", "", "x", "+1", "-1", "1/", "1 "]
    private static let paths = [
        "/a", "/", "", "a", "//a", "/./a", "/a/.", "/a/./", "/.", "/./.", "//", "/..", "/a/", "/a//", "/.a", "/a b", "/ä", "/a:1", "/\"{}<>&",
        "/" + String(repeating: "x", count: 106), "/" + String(repeating: "x", count: 107), "//./" + String(repeating: "x", count: 106),
        "/." + String(repeating: "x", count: 105), "/." + String(repeating: "x", count: 106), "/" + String(repeating: "x", count: 106) + "/.",
    ]

    @Test("a listener matches where the parser takes it")
    func listeners() throws {
        var texts = ["tcp:/a:1", "tcp//a:1", "a:1", "", "http://a:1", "inproc://a", "TCP://a:1", "Unix:///a", "tcp://", "tcp:// a:1", " tcp://a:1"]
        texts += Self.hosts.flatMap { host in ["tcp://\(host):1", "tcp://\(host)", "tcp://\(host):"] }
        texts += Self.ports.map { "tcp://a:\($0)" }
        texts += Self.paths.map { "unix://\($0)" }
        var accepted = 0
        for text in texts {
            var isGood = false
            if let url = try? EndpointURL(text) {
                if case .inproc = url { isGood = false } else { isGood = true }
            }
            #expect(try matches(text, SchemaPattern.listener) == isGood, "\(text)")
            if isGood { accepted += 1 }
        }
        #expect(accepted > 30)
    }

    @Test("a text with variables matches where the reader would replace them, were they set", arguments: [
        "", "a", "$", "$$", "$a", "a$", "${A}", "${_a9}", "x${A}y${B:-c}z", "${A:-}", "${A:-b c $ {}", "${A:-${B}}", "${A", "${}", "${9}", "${A-b}", "${A:b}",
        "$${", "$${A}", "$$${A}", "$$$${A}", "$${${A}", "${A}$", "${A:-$}", "${A }", "${Ä}", "line\n${A}", "}", "$}",
    ])
    func variables(text: String) throws {
        let environment = ["A": "1", "B": "2", "_a9": "3"]
        #expect(try matches(text, SchemaPattern.variables) == Substitution(text, environment: environment).problems.isEmpty)
    }
}
