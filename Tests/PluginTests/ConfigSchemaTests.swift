// SPDX-License-Identifier: Apache-2.0
// An editor believes the schema, the host believes the module. For every module both must accept the same configs and refuse
// the same, also those that nobody would write on purpose.
internal import CatenaElement
internal import CatenaElementTesting
internal import ClientURLElement
internal import ConnectElement
internal import HealElement
internal import HealthCheckElement
internal import LoggingElement
internal import MonitorElement
internal import SerializeElement
internal import Testing
internal import UpdatePathElement

@Suite("Schemas of the modules")
struct ConfigSchemaTests {
    /// Values of every JSON type, at every edge that some kind has.
    private static let values = [
        "null", "true", "false", "0", "1", "2.0", "1.5", "-1", "63", "64", "65536", "65537", "1048576", "1048577", "1e3", "1e99", "[]", "{}",
        #""""#, #""info""#, #""INFO""#, #""x""#, #""5s""#, #""0s""#, #""1m30s""#, #""30s1m""#, #""5""#, #""-5s""#, #""00000000000s""#,
        #""tcp://a:1""#, #""tcp://[::1]:65535""#, #""tcp://::1:65535""#, #""tcp://a:65536""#, #""tcp://a:01""#, #""tcp://a:+1""#,
        #""unix:///run/a.sock""#, #""unix:///""#, #""unix://a""#, #""inproc://a""#, #""inproc://a/b""#, #""inproc://ä""#, #""http://a:1""#,
        #"["a"]"#, #"{"a":1}"#,
    ]

    private func compare<E: ChainElement>(_ type: E.Type, keys: [String], required: String = "") throws -> Int {
        let source = try ElementSource(type)
        let schema = try JSONSchema(source.schema)
        var configs = ["{}", #"{"x-note":[1]}"#, #"{"nope":1}"#]
        for key in keys {
            configs += Self.values.map { "{\"\(key)\":\($0)}" }
            if !required.isEmpty { configs += Self.values.map { "{\(required),\"\(key)\":\($0)}" } }
        }
        var accepted = 0
        for config in configs {
            let isGood = source.problems(in: ConfigText(config)).isEmpty
            #expect(try schema.accepts(config) == isGood, "\(E.descriptor.id): \(config)")
            if isGood { accepted += 1 }
        }
        return accepted
    }

    @Test("schema and module accept and refuse the same")
    func same() throws {
        #expect(try compare(LoggingElement.self, keys: ["level", "bodies", "maxBytes", "x-y"]) > 20)
        #expect(try compare(UpdatePathElement.self, keys: ["name"]) > 10)
        #expect(try compare(ClientURLElement.self, keys: ["url"]) == 4)
        #expect(try compare(HealthCheckElement.self, keys: ["service"]) > 10)
        #expect(try compare(HealElement.self, keys: ["role", "reselectAfter", "backoffMax", "maxAttempts", "parallel", "liveness"]) > 10)
        #expect(try compare(SerializeElement.self, keys: ["queue", "Queue"]) > 5)
        #expect(try compare(ConnectElement.self, keys: ["client", "dialTimeout"]) > 10)
        #expect(try compare(MonitorElement.self, keys: ["queue", "Queue"]) > 5)
        let dial = ["keepalive", "keepaliveTimeout", "maxMessageSize", "waitForReady"]
        #expect(try compare(ConnectElement.self, keys: dial, required: #""client":"c""#) > 8)
        #expect(try compare(ConnectElement.self, keys: ["dialTimeout"], required: #""client":"c""#) == 2)
    }

    @Test("a schema names its element and says what each key means and defaults to")
    func content() throws {
        let text = try ElementSource(ConnectElement.self).schema, schema = try JSONSchema(text)
        let timeout = try #require(schema.property("dialTimeout"))
        #expect(timeout["default"] as? String == "5s" && timeout["description"] as? String == "longest wait for a transport to connect")
        #expect(schema.property("keepalive")?["default"] == nil && schema.property("maxMessageSize")?["default"] as? Int == 4_194_304)
        #expect(schema.property("waitForReady")?["default"] as? Bool == false && schema.property("backoffMax")?["default"] as? String == "10s")
        #expect(schema.property("client")?["format"] as? String == "catena-chain" && schema.property("client")?["default"] == nil)
        #expect(text.contains(#""title":"connect","description":"passes Requests and Closes on to the next hop""#))
        #expect(text.contains(#""required":["client"]"#))
    }

    @Test("a built module has the schema of the element that was linked in", arguments: ElementForm.allCases)
    func forms(form: ElementForm) throws {
        #expect(try ElementSource(LoggingElement.self, form).schema == ElementSource(LoggingElement.self).schema)
        #expect(try ElementSource(UpdatePathElement.self, form).schema == ElementSource(UpdatePathElement.self).schema)
        #expect(try ElementSource(ClientURLElement.self, form).schema == ElementSource(ClientURLElement.self).schema)
        #expect(try ElementSource(SerializeElement.self, form).schema == ElementSource(SerializeElement.self).schema)
        #expect(try ElementSource(ConnectElement.self, form).schema == ElementSource(ConnectElement.self).schema)
        #expect(try ElementSource(HealthCheckElement.self, form).schema == ElementSource(HealthCheckElement.self).schema)
        #expect(try ElementSource(MonitorElement.self, form).schema == ElementSource(MonitorElement.self).schema)
        #expect(try ElementSource(HealElement.self, form).schema == ElementSource(HealElement.self).schema)
    }
}
