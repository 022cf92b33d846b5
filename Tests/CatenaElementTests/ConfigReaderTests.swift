// SPDX-License-Identifier: Apache-2.0
// Every message a user can get from a module's config, word by word, and where it points. The words are one contract for
// all modules.
internal import Testing

@testable internal import CatenaElement

private struct Inner: ElementConfig {
    var size: Int
    init(reading config: ConfigReader) { size = config.int("size", default: 1, in: 1...9) }
}

private enum Colour: String, ConfigChoice { case red, green }

private struct Everything: ElementConfig {
    var name: String
    var flag: Bool
    var count: Int
    var wait: Duration
    var url: ClientURL
    var colour: Colour
    var list: [String]
    var map: [String: String]
    var inner: Inner?
    var inners: [Inner]
    var chain: ChainUse?

    init(reading config: ConfigReader) {
        name = config.string("name", default: "n")
        flag = config.bool("flag", default: false)
        count = config.int("count", default: 1, in: 1...100)
        wait = config.duration("wait", default: .seconds(5))
        url = config.url("url", default: ClientURL())
        colour = config.choice("colour", default: .red)
        list = config.strings("list", default: [])
        map = config.stringMap("map", default: [:])
        inner = config.has("inner") ? config.object("inner") : nil
        inners = config.objects("inners", default: [])
        chain = config.has("chain") ? config.chain("chain") : nil
    }
}

private struct Required: ElementConfig {
    var name: String
    var inner: Inner
    init(reading config: ConfigReader) {
        name = config.string("name")
        inner = config.object("inner")
    }
}

@Suite("ConfigReader")
struct ConfigReaderTests {
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
            (#"{"wait":5}"#, "/wait", #"expected a duration above zero such as "5s", got 5"#),
            (#"{"wait":"0s"}"#, "/wait", #"expected a duration above zero such as "5s", got "0s""#),
            (#"{"wait":"5"}"#, "/wait", #"expected a duration above zero such as "5s", got "5""#),
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
            (#"{"frobnicate":1}"#, "/frobnicate", #"unknown key "frobnicate""#),
            ("[]", "", "expected an object, got an empty array"),
            ("{", "", "the host handed over text that is not JSON (byte 1)"),
        ])
    func mistakes(json: String, pointer: String, message: String) {
        #expect(problems(Everything.self, json) == [ConfigProblem(at: pointer, message)])
    }

    @Test("all mistakes are found in one run, a missing key at the object that lacks it")
    func allAtOnce() {
        #expect(
            problems(Required.self, #"{"nmae":"x"}"#) == [
                ConfigProblem(at: "", #""name" is missing: expected a text that is not empty"#),
                ConfigProblem(at: "", #""inner" is missing: expected an object"#),
                ConfigProblem(at: "/nmae", #"unknown key "nmae" (did you mean "name"?)"#),
            ])
    }
}
