// SPDX-License-Identifier: Apache-2.0
// What people see of a message in logs. That the text means what the message means is tested against swift-protobuf; here is
// how it looks, and what must never be in it.

@testable import CatenaNSM
import Testing

@Suite("JSON text of a message")
struct MessageJSONTests {
    @Test("has the names of the .proto files, RFC 3339 times and no token")
    func wholeRequest() throws {
        let message = try MessageTests.sample()
        try message.setNumber(.state, to: 2)
        try message.set(.context, to: [0x28, 0xdc, 0x0b])
        #expect(message.json(.request) == """
            {"connection":{"id":"c","network_service":"icmp","context":{"MTU":1500},"labels":{"a":"1"},"path":{"index":1,\
            "path_segments":[{"name":"client","id":"client-id","token":"[redacted]","expires":"2023-11-14T22:13:20Z"},\
            {"name":"manager","id":"manager-id","token":"[redacted]","expires":"2023-11-14T22:13:20Z"}]},\
            "state":"REFRESH_REQUESTED"},"mechanism_preferences":[{"cls":"LOCAL"}]}
            """)
    }

    static let fields: [(MessageField, String)] = [
        (.id, "\"c\""), (.payload, "\"\""), (.state, "\"UP\""), (.pathIndex, "1"), (.labels, "{\"a\":\"1\"}"), (.parameters, "{}"),
        (.mechanism, "null"), (.preferences, "[{\"cls\":\"LOCAL\"}]"),
    ]

    @Test("can be had of each field", arguments: fields)
    func oneField(field: MessageField, text: String) throws {
        #expect(try MessageTests.sample().json(field) == text)
    }

    @Test("shows no token whatever field is asked for", arguments: MessageField.allCases)
    func redaction(field: MessageField) throws {
        #expect(try !MessageTests.sample().json(field).contains("secret"))
    }

    @Test("escapes what would break a log line")
    func escapes() throws {
        let message = Message()
        try message.set(.id, to: "a\"\\\n\r\t\u{1b}\u{7f}ü")
        #expect(message.json(.id) == #""a\"\\\n\r\t\u001b\u007fü""#)
    }

    @Test("has at most as many bytes as asked for, whole characters, and then an ellipsis", arguments: 0...12)
    func limit(limit: Int) throws {
        let message = Message()
        try message.set(.id, to: "aü€𝄞")  // with the quotes: 12 bytes
        let text = message.jsonBytes(.id, limit: limit)
        if limit == 12 {
            #expect(String(decoding: text, as: UTF8.self) == "\"aü€𝄞\"")
        } else {
            #expect(text.count <= limit + 3)
            #expect(text.suffix(3) == Array("…".utf8)[...])
            #expect(String(validating: text, as: UTF8.self) != nil)
            #expect("\"aü€𝄞\"".utf8.starts(with: text.dropLast(3)))
        }
    }

    @Test("shows an enumeration value of a later API as its number")
    func laterValues() throws {
        let message = Message()
        try message.setNumber(.state, to: 9)
        #expect(message.json(.connection) == "{\"state\":9}")
    }
}
