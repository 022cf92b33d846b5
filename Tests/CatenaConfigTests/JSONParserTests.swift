// SPDX-License-Identifier: Apache-2.0
//
// The grammar of RFC 8259, as a table of what is taken and what is not; the cases follow JSONTestSuite of Nicolas Seriot.
// Sentences and carets are the business of the fixtures, not of this file.

import Testing

@testable import CatenaConfig

@Suite("JSON parser")
struct JSONParserTests {
    @Test("accepts every JSON text and gives its canonical form", arguments: [
        ("null", "null"), (" true\n", "true"), ("\tfalse\r\n", "false"), ("[]", "[]"), ("{ }", "{}"),
        ("0", "0"), ("-0", "-0"), ("-12.50e+03", "-12.50e+03"), ("1E400", "1E400"), ("0.0", "0.0"), ("1e-2", "1e-2"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("[ 1 , [ 2 ] , { } ]", "[1,[2],{}]"), (#"{"b":1,"a":{"d":2,"c":3}}"#, #"{"a":{"c":3,"d":2},"b":1}"#),
        (#""\u00e9\/\b\f\n\r\t\"\\""#, #""é/\b\f\n\r\t\"\\""#), (#""\u0000\u001f""#, "\"\\u0000\\u001f\""),
        (#""\ud83d\ude00""#, "\"😀\""), ("\"\u{7F}\u{2028}\"", "\"\u{7F}\u{2028}\""), (#"{"":0}"#, #"{"":0}"#),
        (#"{"é":1,"e\u0301":2}"#, "{\"e\u{301}\":2,\"é\":1}"), (#"["\uFFFF"]"#, "[\"\u{FFFF}\"]"),
    ])
    func accepted(text: String, canonical: String) throws {
        let (root, problems) = parse(text)
        #expect(problems.isEmpty)
        #expect(try #require(root).canonicalBytes() == Array(canonical.utf8))
    }

    @Test("rejects every other text", arguments: [
        "", " ", "[", "]", "{", "}", "[1", "[1,", "[,1]", "[1,,2]", "[1,]", "[1 2]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}",
        "{\"a\" 1}", "{a:1}", "{1:1}", "{'a':1}", "{\"a\":1 \"b\":2}", "{,}", "{\"a\":1,,}", "[1}", "{\"a\":1]", "[] []", "1 2", "nul",
        "True", "NULL", "truee", "NaN", "Infinity", "-Infinity", "-", "+1", "01", "-01", "1.", ".5", "-.5", "1e", "1e+", "1.e1", "0x1",
        "1_000", "1a", "--1", "\"", "\"a", "\"\\", "\"\\u12", "\"\\u12G4\"", "\"\\x41\"", "\"\\'\"", "\"\\ud800\"", "\"\\udc00\"",
        "\"\\ud800\\u0041\"", "\"\\ud800\\ud800\"", "\"a\u{1}\"", "\"a\tb\"", "\"a\nb\"", "// x\n1", "1 // x", "/* 1", "# x\n1", "/", "[/]",
        "\u{FEFF}1", "\u{A0}1", "\u{B}1", "1\u{0}", "'a'", "“a”", "undefined", "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", ";", "\\",
    ])
    func rejected(text: String) { #expect(!parse(text).problems.isEmpty) }

    @Test("rejects bytes that are no UTF-8, at the first of them", arguments: [
        ([0x22, 0x80, 0x22], 1), ([0x22, 0xC0, 0x80, 0x22], 1), ([0x22, 0xC3], 1), ([0x22, 0xE0, 0x80, 0x80, 0x22], 1),
        ([0x22, 0xC3, 0xA9, 0xED, 0xA0, 0x80, 0x22], 3), ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], 1), ([0x22, 0xF0, 0x9F, 0x98, 0x22], 1),
        ([0x22, 0xFF, 0x22], 1), ([0x22, 0xE2, 0x82, 0x41, 0x22], 1),
    ] as [([UInt8], Int)])
    func notUTF8(bytes: [UInt8], offset: Int) {
        #expect(UTF8Check.firstInvalidOffset(in: bytes) == offset)
        #expect(JSONParser.parse(SourceText(file: "f", bytes: bytes)).root == nil)
    }

    @Test("tells a file in UTF-16 apart", arguments: [
        [0xFF, 0xFE, 0x7B, 0x00], [0xFE, 0xFF, 0x00, 0x7B], [0x7B, 0x00], [0x00, 0x7B],
    ] as [[UInt8]])
    func wide(bytes: [UInt8]) {
        let problems = JSONParser.parse(SourceText(file: "f", bytes: bytes)).problems
        #expect(problems.map(\.message) == ["the file is in UTF-16 or UTF-32: save it as UTF-8"])
    }

    @Test("nests 128 deep and no deeper", arguments: [("[", "]"), ("{\"a\":", "}")])
    func depth(open: String, close: String) {
        let nested = { (depth: Int) in String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth) }
        #expect(parse(nested(JSONParser.maximumDepth)).problems.isEmpty)
        #expect(parse(nested(JSONParser.maximumDepth + 1)).problems.count == 1)
        #expect(parse(String(repeating: open, count: 100_000)).problems.count == 1)
    }

    @Test("never crashes, whatever the first two bytes")
    func allPrefixes() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let (root, problems) = JSONParser.parse(SourceText(file: "f", bytes: [first, second]))
                #expect(root != nil || !problems.isEmpty)
            }
        }
    }

    @Test("never crashes on tokens thrown together at random")
    func randomTokens() {
        let tokens = [
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"", "\\", "\\u", "\\ud800", "1", "-", "e", ".", "true", "/*", "*/", "//", "#", "\n", "é",
            "\t",
        ]
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        for _ in 0..<5_000 {
            var text = ""
            for _ in 0..<12 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += tokens[Int(state >> 33) % tokens.count]
            }
            let (root, problems) = parse(text)
            #expect(root != nil || !problems.isEmpty)
        }
    }

    @Test("stops after 50 problems")
    func manyProblems() {
        let text = "[" + String(repeating: "01,", count: 1_000) + "1]"
        #expect(parse(text).problems.count == JSONParser.maximumProblems)
    }

    @Test("keeps the bytes of every value and key")
    func spans() throws {
        let text = #"{ "é": [ 1, "two" ] }"#
        let root = try #require(parse(text).root)
        let slice = { (span: Range<Int>) in String(decoding: Array(text.utf8)[span], as: UTF8.self) }
        guard case .object(let members) = root.value, let member = members.first else {
            Issue.record("no object")
            return
        }
        #expect(slice(root.span) == text)
        #expect(slice(member.keySpan) == "\"é\"")
        #expect(slice(member.value.span) == "[ 1, \"two\" ]")
        #expect(slice(try #require(member.value.child("1")).span) == "\"two\"")
    }

    private func parse(_ text: String) -> (root: JSONNode?, problems: [Diagnostic]) {
        JSONParser.parse(SourceText(file: "f", bytes: Array(text.utf8)))
    }
}
