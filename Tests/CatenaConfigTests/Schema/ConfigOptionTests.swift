// SPDX-License-Identifier: Apache-2.0
//
// Options are what people read instead of a schema, so each keyword that a config is made of has its phrase here.

@testable import CatenaConfig
import Foundation
import Testing

@Suite("config options")
struct ConfigOptionTests {
    @Test(
        "a schema of a value is put into words",
        arguments: [
            (#"{"type":"string"}"#, "a text"), (#"{"type":"string","minLength":1}"#, "a text, not empty"),
            (#"{"type":"string","minLength":2,"maxLength":9}"#, "a text, at least 2 characters, at most 9 characters"),
            (#"{"type":"string","pattern":"^a"}"#, "a text, matching ^a"), (#"{"type":"boolean"}"#, "true or false"),
            (#"{"type":"integer","minimum":1,"maximum":9}"#, "a whole number from 1 to 9"),
            (#"{"type":"integer","minimum":1}"#, "a whole number of at least 1"), (#"{"type":"number"}"#, "a number"),
            (#"{"type":"number","exclusiveMinimum":0,"maximum":1.5}"#, "a number above 0, at most 1.5"),
            (#"{"type":"number","maximum":1e3}"#, "a number of at most 1e3"), (#"{"type":"number","exclusiveMaximum":1}"#, "a number below 1"),
            (#"{"enum":["a","b",1]}"#, #""a", "b", 1"#), (#"{"const":"a"}"#, #""a""#),
            (#"{"type":["string","null"]}"#, "a text or null"), (#"{"type":"array"}"#, "a list"),
            (#"{"type":"array","items":{"type":"boolean"}}"#, "a list, each true or false"), (#"{"type":"object"}"#, "an object"),
            (#"{"type":"object","additionalProperties":{"type":"string"}}"#, "an object, each value a text"),
            (#"{"type":"string","format":"catena-duration","pattern":"[1-9]"}"#, #"a duration such as "5s", above zero"#),
            (#"{"type":"string","format":"catena-duration","pattern":"[0-9]"}"#, #"a duration such as "5s""#),
            (#"{"type":"string","format":"catena-duration"}"#, #"a duration such as "5s""#),
            (#"{"type":"string","format":"catena-chain","minLength":1}"#, "the name of a client chain"),
            (#"{"type":"string","format":"catena-url"}"#, "a URL: tcp://host:port, unix:///path or inproc://chain"),
            ("{}", "any value"), ("true", "any value"), (##"{"$ref":"#/$defs/a"}"##, "any value"),
        ])
    func words(schema: String, phrase: String) throws {
        #expect(SchemaWords.value(of: try ConfigSchema(schema).root) == phrase)
    }

    @Test("each key is told with what it is for, and those inside it after it")
    func nested() throws {
        let options = try ConfigSchema(
            """
            {"type":"object","required":["servers"],"additionalProperties":false,"properties":{
              "servers":{"type":"array","description":"who is asked","items":{"type":"object","required":["url"],"properties":{
                "url":{"type":"string"},"weight":{"type":"integer","default":1}}}},
              "zones":{"type":"object","additionalProperties":{"type":"object","properties":{"name":{"type":"string"}}}},
              "tls":{"type":"object","properties":{"key":{"type":"string","default":""}}},
              "wait":{"type":"string","default":"5s"}}}
            """
        ).options
        #expect(options.map(\.key) == [
            "servers", "servers[].url", "servers[].weight", "zones", "zones.*.name", "tls", "tls.key", "wait",
        ])
        #expect(options.map(\.isRequired) == [true, true, false, false, false, false, false, false])
        #expect(options.map(\.defaultText) == [nil, nil, "1", nil, nil, nil, "\"\"", "\"5s\""])
        #expect(options.map(\.meaning) == ["who is asked", "", "", "", "", "", "", ""])
    }

    @Test("a schema that nests without end is told as far as anybody reads")
    func deep() throws {
        let schema = String(repeating: #"{"properties":{"a":"#, count: 40) + "true" + String(repeating: "}}", count: 40)
        #expect(try (1...10).contains(ConfigSchema(schema).options.count))
    }

    @Test("a config that any key may be in is known from one that takes none", arguments: [
        ("", true), ("{}", true), ("true", true), (#"{"additionalProperties":true}"#, true), (#"{"additionalProperties":false}"#, false),
    ])
    func openness(schema: String, isOpen: Bool) throws {
        #expect(try ConfigSchema(schema).isOpen == isOpen)
    }

    @Test("as JSON an option has its keys, and its default as the value it is")
    func encoded() throws {
        let option = try #require(
            ConfigSchema(#"{"properties":{"a":{"type":"integer","default":128,"description":"most"}}}"#).options.first)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        #expect(
            String(decoding: try encoder.encode(option), as: UTF8.self)
                == #"{"default":128,"key":"a","meaning":"most","required":false,"value":"a whole number"}"#)
        let schema = #"{"a":[1,-2.5,true,null,"x",{}],"b":{"c":9007199254740993}}"#
        #expect(String(decoding: try encoder.encode(ConfigSchema(schema)), as: UTF8.self) == schema)
    }
}
