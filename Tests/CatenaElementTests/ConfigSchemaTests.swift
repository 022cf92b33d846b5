// SPDX-License-Identifier: Apache-2.0
// Decoder and schema of every kind of value, side by side: over a table, and over random texts for those kinds whose schema
// is a pattern. The seed is fixed, so that a failure comes again.
internal import CatenaElementTesting
internal import Testing

@testable internal import CatenaElement

private struct Everything: ElementConfig {
    enum Colour: String, ConfigChoice { case red, green }
    struct Inner: ElementConfig {
        var size = 1
        static let fields: [ConfigField<Inner>] = [.required("size", \.size, .int(in: -1...9), "how large")]
    }
    var text = "", empty = "", flag = false, count = 0, share = 0.5, wait = Duration.zero, span = Duration.seconds(1)
    var url: ClientURL?, colour = Colour.red, list: [Duration] = [], map: [String: Bool] = [:], inner = Inner(), inners: [Inner] = []
    var chain: ChainUse?

    static let fields: [ConfigField<Everything>] = [
        .required("text", \.text, .text, "t"), .optional("empty", \.empty, .text(orEmpty: true), "e"), .optional("flag", \.flag, .bool, "f"),
        .optional("count", \.count, .int(in: -3...3), "c"), .optional("share", \.share, .double(in: -0.5...2), "s"),
        .optional("wait", \.wait, .duration(orZero: true), "w"), .optional("span", \.span, .duration, "s"),
        .optional("url", \.url, .url, "u"), .optional("colour", \.colour, .choice, "c"),
        .optional("list", \.list, .list(of: .duration), "l"), .optional("map", \.map, .map(of: .bool), "m"),
        .optional("inner", \.inner, .object, "i"), .optional("inners", \.inners, .list(of: .object), "i"),
        .optional("chain", \.chain, .chain, "c"),
    ]
}

private struct Twice: ElementConfig {
    var a = 1
    static let fields: [ConfigField<Twice>] = [.optional("a", \.a, .int(in: 1...2), ""), .optional("a", \.a, .int(in: 1...2), "")]
}

private struct Outside: ElementConfig {
    var a = 5
    static let fields: [ConfigField<Outside>] = [.optional("a", \.a, .int(in: 1...2), "")]
}

/// SplitMix64.
private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite("Schemas of configs")
struct ConfigSchemaTests {
    @Test("schema and decoder accept and refuse the same, for every kind and value")
    func same() throws {
        let values = [
            "null", "true", "0", "-0", "3", "3.0", "3.5", "-4", "1e0", "4", "2", "2.5", "[]", "{}", #""""#, #""x""#, #""red""#, #""0s""#, #""1s""#,
            #""tcp://a:1""#, #"["1s"]"#, #"["0s"]"#, #"[{"size":1}]"#, #"[{"size":10}]"#, #"[{}]"#, #"{"size":1}"#, #"{"size":1,"x-a":2}"#,
            #"{"size":1,"a":2}"#, #"{"a":true}"#, #"{"a":1}"#,
        ]
        let schema = try JSONSchema(Everything.schema)
        var accepted = 0
        for key in Everything.fields.map(\.key) + ["nope", "x-any"] {
            for value in values {
                let config = key == "text" ? "{\"text\":\(value)}" : "{\"text\":\"t\",\"\(key)\":\(value)}"
                let isGood = ConfigReport().read(Everything.self, from: Array(config.utf8)) != nil
                #expect(try schema.accepts(config) == isGood, "\(config)")
                accepted += isGood ? 1 : 0
            }
        }
        #expect(accepted > 50)
    }

    @Test("a duration's pattern is the language of its decoder")
    func durations() throws {
        let pieces = ["0", "00", "1", "59", "999999", "9999999", "123456789", "1234567890123456789", "h", "m", "s", "ms", "us", "ns", " ", "-", ".", "d"]
        let zero = try Regex(DurationText.pattern(orZero: true)), above = try Regex(DurationText.pattern(orZero: false))
        var random = Seeded(state: 1), good = 0
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...8, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let span = DurationText.parse(text)
            #expect((try zero.wholeMatch(in: text) != nil) == (span != nil), "\(text)")
            #expect((try above.wholeMatch(in: text) != nil) == (span ?? .zero > .zero), "\(text)")
            guard let span else { continue }
            good += 1
            #expect(DurationText.parse(DurationText.text(of: span)) == span)
        }
        #expect(good > 100)
    }

    @Test("a URL's pattern is the language of its decoder")
    func urls() throws {
        let pieces = [
            "tcp://", "unix://", "inproc://", "/", "a", "host", "[", "]", "::1", ":", "1", "0", "65535", "65536", "9", ".", "+", " ", "ä", "\u{7F}", "~",
            String(repeating: "a", count: 100),
        ]
        let pattern = try Regex(ClientURL.pattern)
        var random = Seeded(state: 2), good = 0
        for _ in 0..<20_000 {
            let tail = (0..<Int.random(in: 0...5, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let text = (pieces.prefix(3).randomElement(using: &random) ?? "") + tail
            let isGood = (try? ClientURL(text)) != nil
            #expect((try pattern.wholeMatch(in: text) != nil && text.unicodeScalars.count <= ClientURL.maximumLength) == isGood, "\(text)")
            good += isGood ? 1 : 0
        }
        #expect(good > 100)
    }

    @Test("a key that is declared twice and a default out of bounds are found before a module loads")
    func mistakes() {
        #expect(ConfigMistake.first(in: Twice.self) == "the key \"a\" is declared twice")
        #expect(ConfigMistake.first(in: Outside.self) == "the default of \"a\": expected a whole number from 1 to 2, got 5")
        #expect(ConfigMistake.first(in: NoConfig.self) == nil)
    }
}
