// SPDX-License-Identifier: Apache-2.0
//
// That the schema accepts what the reader accepts is shown by .ci/schema.sh, with a validator that others wrote. Here is what
// such a validator does not see: that no key is missing, and that a module's own schema is taken over faithfully.

@testable import CatenaConfig
import Testing

@Suite("the schema of chains.json")
struct ChainsSchemaTests {
    /// The keys that the reader says an object has, from what it says of one that it does not have.
    private func keysOfReader(_ text: String) throws -> Set<String> {
        let error = #expect(throws: ConfigError.self) { try ChainsFile.parse(bytes: Array(text.utf8), path: "f", environment: [:]) }
        let message = try #require(error?.diagnostics.first { $0.message.hasPrefix("unknown key \"qqqqqqqqqqqq\": the keys here are ") }?.message)
        let named = message.split(separator: "\"").enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
        return Set(named.dropFirst().dropLast())
    }

    private func keysOfSchema(_ pointer: String) throws -> Set<String> {
        let path = try #require(JSONPointer(pointer))
        return Set(ChainsSchema(types: []).root.nearest(to: path).keys)
    }

    @Test("has the keys that the reader names, in every object")
    func keys() throws {
        let file = try keysOfReader(#"{ "qqqqqqqqqqqq": 1 }"#)
        let chain = try keysOfReader(#"{ "chains": { "a": { "qqqqqqqqqqqq": 1 } } }"#)
        let element = try keysOfReader(#"{ "chains": { "a": { "elements": [{ "qqqqqqqqqqqq": 1 }] } } }"#)
        let connection = try keysOfReader(#"{ "chains": { "a": { "open": [{ "qqqqqqqqqqqq": 1 }] } } }"#)
        #expect(connection.contains("service"))
        #expect(try keysOfSchema("/$defs/connection/properties") == connection)
        #expect(file.contains("chains") && chain.contains("listen") && element.contains("element"))
        #expect(try keysOfSchema("/properties") == file)
        #expect(try keysOfSchema("/$defs/chain/properties") == chain)
        #expect(try keysOfSchema("/$defs/instance/properties").union(keysOfSchema("/$defs/splice/properties")) == element)
    }

    private func type(_ name: String, module: String? = nil, _ schema: String) throws -> TypeSchema {
        TypeSchema(type: name, module: module, summary: "does \(name)", config: try ConfigSchema(schema))
    }

    private func part(_ types: [TypeSchema], _ pointer: String) throws -> String {
        let node = ChainsSchema(types: types).root.nearest(to: try #require(JSONPointer(pointer)))
        return String(decoding: node.canonicalBytes(), as: UTF8.self)
    }

    @Test("offers the types of the module path by name, and any other")
    func offered() throws {
        let types = [try type("heal", ""), try type("odd", module: "libodd.so", "")]
        #expect(try part(types, "/$defs/type/anyOf") == #"[{"const":"heal","description":"does heal"},true]"#)
    }

    @Test("a type whose config has required keys is no element by its bare name, and needs its config")
    func needy() throws {
        let types = [try type("free", #"{"type":"object"}"#), try type("needy", #"{"type":"object","required":["a"]}"#)]
        #expect(try part(types, "/$defs/element/then/not") == #"{"enum":["needy"]}"#)
        #expect(try part(types, "/$defs/instance/allOf/0/then") == ##"{"properties":{"config":{"$ref":"#/$defs/config.free"}}}"##)
        #expect(try part(types, "/$defs/instance/allOf/1/then/required") == #"["config"]"#)
    }

    @Test("a type that elements name with its library is meant by both together")
    func withModule() throws {
        let types = [try type("odd", module: "m/libodd.so", #"{"required":["a"]}"#)]
        #expect(
            try part(types, "/$defs/instance/allOf/0/if")
                == #"{"properties":{"element":{"const":"odd"},"module":{"const":"m/libodd.so"}},"required":["element","module"]}"#)
        #expect(try part(types, "/$defs/element/then") == ##"{"$ref":"#/$defs/type"}"##)
    }

    @Test(
        "in a module's schema a string with a variable passes, and nothing else changes",
        arguments: [
            (#"{"properties":{"n":{"type":"integer","minimum":1}}}"#, #"{"properties":{"n":{"minimum":1,"type":"integer"}}}"#),
            (#"{"properties":{"t":{"type":"string","description":"d"}}}"#, #"{"properties":{"t":{"description":"d","type":"string"}}}"#),
            (
                #"{"properties":{"t":{"type":"string","minLength":1,"description":"d","default":"x"}}}"#,
                #"{"properties":{"t":{"default":"x","description":"d","else":{"minLength":1,"type":"string"},"if":VARIABLE}}}"#
            ),
            (#"{"items":{"enum":["a","b"]}}"#, #"{"items":{"else":{"enum":["a","b"]},"if":VARIABLE}}"#),
            (#"{"items":{"enum":[1,2]}}"#, #"{"items":{"enum":[1,2]}}"#),
            (#"{"additionalProperties":false}"#, #"{"additionalProperties":false}"#),
            (#"{"allOf":[{"items":{"const":"a"}}]}"#, #"{"allOf":[{"items":{"else":{"const":"a"},"if":VARIABLE}}]}"#),
            (#"{"oneOf":[{"items":{"const":"a"}}]}"#, #"{"anyOf":[{"items":{"else":{"const":"a"},"if":VARIABLE}}]}"#),
            (#"{"not":{"items":{"const":"a"}}}"#, #"{"not":{"items":{"const":"a"}}}"#),
            (#"{"$schema":"s","type":"object"}"#, #"{"type":"object"}"#),
        ])
    func variables(schema: String, expected: String) throws {
        let written = String(decoding: try ConfigSchema(schema).forWrittenConfig(id: "urn:x").canonicalBytes(), as: UTF8.self)
        #expect(written == expected.replacing("VARIABLE", with: #"{"pattern":"\\$\\{","type":"string"}"#))
    }

    @Test("a schema that refers to itself gets a name, so that it finds itself inside of ours")
    func references() throws {
        let schema = ##"{"$schema":"s","$ref":"#/$defs/a","$defs":{"a":{"type":"object"}}}"##
        let written = try ConfigSchema(schema).forWrittenConfig(id: "urn:x")
        #expect(written.child("$id")?.text == "urn:x" && written.child("$schema")?.text == "s")
        let named = try ConfigSchema(##"{"$id":"urn:own","$ref":"#/$defs/a"}"##).forWrittenConfig(id: "urn:x")
        #expect(named.child("$id")?.text == "urn:own")
    }

    @Test(
        "a module's text that is no schema is refused with the reason",
        arguments: [("{", "it is not JSON at line 1, column 2: "), ("[]", "it is an array: a schema is an object"), ("5", "it is 5: a schema is an object")])
    func malformed(text: String, reason: String) throws {
        let error = #expect(throws: ConfigSchema.Malformed.self) { try ConfigSchema(text) }
        #expect(try #require(error).reason.hasPrefix(reason))
    }

    @Test("is printed as JSON that reads back, with lines of a readable length where they can be broken")
    func printed() throws {
        let text = ChainsSchema(types: [try type("heal", #"{"type":"object"}"#)]).text
        let (root, problems) = JSONParser.parse(SourceText(file: "schema", bytes: Array(text.utf8)))
        #expect(problems.isEmpty && root?.child("$defs")?.child("config.heal")?.lineText == #"{ "type": "object" }"#)
        let long = text.split(separator: "\n").filter { $0.utf8.count > JSONNode.prettyWidth + 1 }
        #expect(long.allSatisfy { $0.contains("\"pattern\": ") || $0.contains("\"description\": ") }, "\(long)")
    }
}
