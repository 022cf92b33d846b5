// SPDX-License-Identifier: Apache-2.0
// Every message a user can get from a module's config, word by word, and where it points. The words are one contract for
// all modules.
internal import Testing

@testable internal import CatenaElement

private struct Inner: ElementConfig {
    var size = 1
    static let fields: [ConfigField<Inner>] = [.optional("size", \.size, .int(in: 1...9), "how large")]
}

private enum Colour: String, ConfigChoice { case red, green }

private struct Everything: ElementConfig {
    var name = "n"
    var flag = false
    var count = 1
    var share = 0.5
    var wait = Duration.seconds(5)
    var url = ClientURL()
    var colour = Colour.red
    var list: [String] = []
    var map: [String: String] = [:]
    var inner: Inner?
    var inners: [Inner] = []
    var chain: ChainUse?

    static let fields: [ConfigField<Everything>] = [
        .optional("name", \.name, .text, "a name"),
        .optional("flag", \.flag, .bool, "a switch"),
        .optional("count", \.count, .int(in: 1...100), "a number"),
        .optional("share", \.share, .double(in: 0...1), "a part"),
        .optional("wait", \.wait, .duration, "a span"),
        .optional("url", \.url, .url, "a place"),
        .optional("colour", \.colour, .choice, "a choice"),
        .optional("list", \.list, .list(of: .text), "several"),
        .optional("map", \.map, .map(of: .text(orEmpty: true)), "several by name"),
        .optional("inner", \.inner, .object, "an object"),
        .optional("inners", \.inners, .list(of: .object), "several objects"),
        .optional("chain", \.chain, .chain, "another chain"),
    ]
}

private struct Required: ElementConfig {
    var name = ""
    var inner = Inner()
    static let fields: [ConfigField<Required>] = [
        .required("name", \.name, .text, "a name"), .required("inner", \.inner, .object, "an object"),
    ]
}

private struct Bounds: ElementConfig {
    var low = 1
    var high = 9
    static let fields: [ConfigField<Bounds>] = [
        .optional("low", \.low, .int(in: 1...9), "from"), .optional("high", \.high, .int(in: 1...9), "to"),
    ]
    func problems() -> [ConfigProblem] {
        low > high ? [ConfigProblem(at: "/high", "expected at least \"low\", \(low), got \(high)")] : []
    }
}

private struct Range: ElementConfig {
    var range = Bounds()
    static let fields: [ConfigField<Range>] = [.required("range", \.range, .object, "a range")]
}

@Suite("ElementConfig")
struct ElementConfigTests {
    private func problems<C: ElementConfig>(_ type: C.Type, _ json: String) -> [ConfigProblem] {
        let report = ConfigReport()
        #expect(report.read(C.self, from: Array(json.utf8)) == nil)
        return report.problems
    }

    @Test("every kind of value is read")
    func values() throws {
        let report = ConfigReport()
        let json = #"""
            {"name":"a\u00e9\ud83d\ude00\n","flag":true,"count":7,"wait":"1m30s","url":"tcp://[::1]:5001","colour":"green",
             "list":["x","y"],"map":{"k":"v"},"inner":{"size":3},"inners":[{},{"size":2}],"chain":"next","x-note":[1,{"a":null}]}
            """#
        let config = try #require(report.read(Everything.self, from: Array(json.utf8)))
        #expect(report.problems.isEmpty)
        #expect(config.name == "a\u{e9}\u{1F600}\n")
        #expect(config.flag && config.count == 7 && config.wait == .seconds(90))
        #expect(config.url.text == "tcp://[::1]:5001" && config.colour == .green)
        #expect(config.list == ["x", "y"] && config.map == ["k": "v"])
        #expect(config.inner?.size == 3 && config.inners.map(\.size) == [1, 2])
        #expect(report.uses == [.init(pointer: "/chain", chain: "next")] && config.chain?.name == "next")
    }

    @Test(
        "a wrong value is named with its place, what was expected and what was found",
        arguments: [
            (#"{"name":""}"#, "/name", #"expected a text that is not empty, got """#),
            (#"{"name":null}"#, "/name", "expected a text that is not empty, got null"),
            (#"{"flag":"yes"}"#, "/flag", #"expected true or false, got "yes""#),
            (#"{"count":0}"#, "/count", "expected a whole number from 1 to 100, got 0"),
            (#"{"count":1.5}"#, "/count", "expected a whole number from 1 to 100, got 1.5"),
            (#"{"count":1e99}"#, "/count", "expected a whole number from 1 to 100, got 1e99"),
            (#"{"share":1.5}"#, "/share", "expected a number from 0 to 1, got 1.5"),
            (#"{"wait":5}"#, "/wait", #"expected a duration above zero such as "5s", got 5"#),
            (#"{"wait":"0s"}"#, "/wait", #"expected a duration above zero such as "5s", got "0s""#),
            (#"{"wait":"5"}"#, "/wait", #"expected a duration above zero such as "5s", got "5": \#(DurationText.rule)"#),
            (
                #"{"url":"http://a"}"#, "/url",
                #"expected a URL such as "tcp://127.0.0.1:5001", "unix:///run/catena.sock" or "inproc://chain", got "http://a" (the scheme "http" is none of tcp, unix, inproc)"#
            ),
            (#"{"colour":"gren"}"#, "/colour", #"expected one of "red", "green", got "gren" (did you mean "green"?)"#),
            (#"{"colour":"blue"}"#, "/colour", #"expected one of "red", "green", got "blue""#),
            (#"{"list":"x"}"#, "/list", #"expected a list of texts, got "x""#),
            (#"{"list":["x",""]}"#, "/list/1", #"expected a text that is not empty, got """#),
            (#"{"map":{"a/b~c":1}}"#, "/map/a~1b~0c", "expected a text, got 1"),
            (#"{"map":[]}"#, "/map", "expected an object of texts, got an empty array"),
            (#"{"inner":3}"#, "/inner", "expected an object, got 3"),
            (#"{"inner":{"size":10}}"#, "/inner/size", "expected a whole number from 1 to 9, got 10"),
            (#"{"inners":[{"size":1},2]}"#, "/inners/1", "expected an object, got 2"),
            (#"{"inners":[{"sise":1}]}"#, "/inners/0/sise", #"unknown key "sise" (did you mean "size"?)"#),
            (#"{"chain":""}"#, "/chain", #"expected the name of a client chain, got """#),
            (#"{"cuont":1}"#, "/cuont", #"unknown key "cuont" (did you mean "count"?)"#),
            (#"{"inners":[{"nope":1}]}"#, "/inners/0/nope", #"unknown key "nope": the keys here are "size", and notes that begin with "x-""#),
            ("[]", "", "expected an object, got an empty array"),
            ("{", "", "the host handed over text that is not JSON (byte 1)"),
        ])
    func mistakes(json: String, pointer: String, message: String) {
        #expect(problems(Everything.self, json) == [ConfigProblem(at: pointer, message)])
    }

    @Test("all mistakes are found in one run, a missing key at the object that lacks it; one that is misspelt is not missing too")
    func allAtOnce() {
        #expect(
            problems(Required.self, #"{"nmae":"x"}"#) == [
                ConfigProblem(at: "", #""inner" is missing: expected an object"#),
                ConfigProblem(at: "/nmae", #"unknown key "nmae" (did you mean "name"?)"#),
            ])
    }

    @Test("an element without a config says that it has no keys")
    func noKeys() {
        #expect(
            problems(NoConfig.self, #"{"a":1,"x-a":1}"#) == [
                ConfigProblem(at: "/a", #"unknown key "a": there are no keys here but notes that begin with "x-""#)
            ])
    }

    @Test("what is wrong between keys is asked when each is right, and found at its place")
    func between() {
        #expect(
            problems(Range.self, #"{"range":{"low":5,"high":4}}"#) == [
                ConfigProblem(at: "/range/high", #"expected at least "low", 5, got 4"#)
            ])
        #expect(problems(Range.self, #"{"range":{"low":50,"high":4}}"#).map(\.pointer) == ["/range/low"])
    }

    @Test("a whole number may be written as JSON Schema allows it", arguments: ["2", "2.0", "2e0", "20e-1"])
    func wholeNumbers(text: String) {
        #expect(ConfigReport().read(Bounds.self, from: Array("{\"low\":\(text)}".utf8))?.low == 2)
    }

    @Test("the documentation is a table of all keys, those of inner objects too")
    func documentation() {
        #expect(
            Required.documentation == """
                | key | value | default | meaning |
                |---|---|---|---|
                | `name` | a text, not empty | required | a name |
                | `inner` | an object | required | an object |
                | `inner.size` | 1 to 9 | `1` | how large |
                """)
        #expect(Everything.documentation.contains("\n| `inners[].size` | 1 to 9 | `1` | how large |\n"))
        #expect(Everything.documentation.contains("\n| `wait` | a duration above zero | `\"5s\"` | a span |\n"))
        #expect(Everything.documentation.contains("\n| `chain` | name of a client chain | none | another chain |"))
    }

    @Test("the schema says type, bounds, default and meaning of each key, and that there are no others")
    func schema() {
        #expect(
            Bounds.schema
                == #"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"#
                + #""low":{"description":"from","type":"integer","minimum":1,"maximum":9,"default":1},"#
                + #""high":{"description":"to","type":"integer","minimum":1,"maximum":9,"default":9}},"#
                + #""patternProperties":{"^x-":true},"additionalProperties":false}"#)
    }
}
