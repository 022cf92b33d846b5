// SPDX-License-Identifier: Apache-2.0
// A user sees one file and one set of rules. The kit has its own small readers, as a module brings its own code; here they are
// held against the host's.
internal import Testing

@testable internal import CatenaConfig
@testable internal import CatenaElement

@Suite("the kit's rules and the host's")
struct HostRulesTests {
    private static let names = ["body", "bodies", "level", "client", "dialTimeout", "queue", "url", "name", "maxBytes", "x"]

    @Test(
        "guess the same from a misspelt name",
        arguments: [
            "bodys", "bod", "bo", "Body", "levle", "lvl", "clients", "dial", "dial_timeout", "qeueu", "uri", "ulr", "nam", "nmae", "maxbytes", "y",
            "", "state", "frobnicate", String(repeating: "queue", count: 100),
        ])
    func suggestion(name: String) {
        #expect(
            CatenaElement.Suggestion.text(for: name, among: Self.names) == CatenaConfig.Suggestion.phrase(for: name, in: Self.names))
    }

    @Test(
        "take the same texts for durations; the kit's also have nanoseconds",
        arguments: ["5s", "1.5s", "1m30s", "250ms", "0s", "1.5h0.5m", "1us", "100h", "0.001us", "5", "s", "-1s", "1s1m", "1d", "", "1.s", ".5s", " 1s"])
    func durations(text: String) {
        #expect(CatenaElement.DurationText.parse(text) == CatenaConfig.DurationText.parse(text))
    }

    @Test("read what the host hands over, however deep: the host's canonical form is JSON to the kit")
    func canonical() throws {
        let depth = CatenaConfig.JSONParser.maximumDepth
        let texts = [
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth), #"{"b":[1e5,-0.0,true,null],"a":"\u0041\ud83d\ude00\n/"}"#,
            #"{"\u0000":{"é":"\u2028"}}"#,
        ]
        for text in texts {
            let (root, problems) = CatenaConfig.JSONParser.parse(SourceText(file: "config", bytes: Array(text.utf8)))
            #expect(problems.isEmpty)
            let bytes = try #require(root).canonicalBytes()
            #expect(throws: Never.self) { try CatenaElement.JSONParser.parse(bytes) }
        }
    }
}
