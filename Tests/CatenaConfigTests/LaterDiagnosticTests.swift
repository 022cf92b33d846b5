// SPDX-License-Identifier: Apache-2.0
//
// Problems that show only when a module is loaded or a socket opened must still point into the file.

import CatenaConfig
import Testing

@Suite("Diagnostics after reading")
struct LaterDiagnosticTests {
    static let text = """
        {
          "modulePath": ["nowhere"],
          "chains": {
            "forwarder": {
              "listen": ["tcp://127.0.0.1:5001"],
              "elements": [
                "logging",
                { "element": "connect", "module": "libfoo.so", "config": { "dialTimeout": 5, "a/b": [1, { "c": 2 }] } },
                { "element": "bare" },
                { "chain": "shared" }
              ]
            },
            "shared": { "elements": [{ "element": "heal", "config": { "on": true } }] }
          }
        }
        """

    let file: ChainsFile
    let elements: [ElementDefinition]

    init() throws {
        file = try ChainsFile.parse(bytes: Array(LaterDiagnosticTests.text.utf8), path: "chains.json", environment: [:])
        elements = try #require(file.chain(named: "forwarder")).elements
    }

    @Test("a module's pointer becomes a place in the file, at the nearest value that exists", arguments: [
        (1, "/dialTimeout", 8, 83, "/chains/forwarder/elements/1/config/dialTimeout"),
        (1, "", 8, 66, "/chains/forwarder/elements/1/config"),
        (1, "/a~1b/0", 8, 94, "/chains/forwarder/elements/1/config/a~1b/0"),
        (1, "/a~1b/1/c", 8, 104, "/chains/forwarder/elements/1/config/a~1b/1/c"),
        (1, "/a~1b/7", 8, 93, "/chains/forwarder/elements/1/config/a~1b/7"),
        (1, "/missing/deeper", 8, 66, "/chains/forwarder/elements/1/config/missing/deeper"),
        (1, "no pointer", 8, 66, "/chains/forwarder/elements/1/config"),
        (2, "/url", 9, 9, "/chains/forwarder/elements/2/config/url"),
        (0, "/url", 7, 9, "/chains/forwarder/elements/0/config/url"),
        (3, "/on", 13, 69, "/chains/shared/elements/0/config/on"),
    ])
    func config(element: Int, pointer: String, line: Int, column: Int, absolute: String) {
        let diagnostic = elements[element].diagnostic(pointer: pointer, message: "no good")
        #expect(diagnostic.position == SourcePosition(line: line, column: column))
        #expect(diagnostic.pointer == absolute)
    }

    @Test("reads as a compiler's message")
    func rendered() {
        let diagnostic = elements[1].diagnostic(pointer: "/dialTimeout", message: "expected a duration such as \"5s\", got 5")
        #expect(diagnostic.description == """
            chains.json:8:83: error: /chains/forwarder/elements/1/config/dialTimeout: expected a duration such as "5s", got 5
                    { "element": "connect", "module": "libfoo.so", "config": { "dialTimeout": 5, "a/b": [1, { "c": 2 }] } },
                                                                                              ^
            """)
    }

    @Test("type, module, listener and chain have their own places")
    func places() {
        let forwarder = file.chains[0]
        #expect(elements[1].place.position == SourcePosition(line: 8, column: 9))
        #expect(elements[1].typePlace.pointer == "/chains/forwarder/elements/1/element")
        #expect(elements[1].modulePlace.pointer == "/chains/forwarder/elements/1/module")
        #expect(elements[2].modulePlace.pointer == "/chains/forwarder/elements/2/element")
        #expect(elements[0].modulePlace.pointer == "/chains/forwarder/elements/0")
        #expect(forwarder.place.position == SourcePosition(line: 4, column: 5))
        #expect(forwarder.listen[0].place.pointer == "/chains/forwarder/listen/0")
        let warning = forwarder.listen[0].place.diagnostic(severity: .warning, message: "address in use")
        #expect(warning.description.hasPrefix("chains.json:5:18: warning: /chains/forwarder/listen/0: address in use\n"))
    }

    @Test("anything else in the file is found by its pointer")
    func absolute() {
        let diagnostic = file.diagnostic(severity: .warning, pointer: "/modulePath/0", message: "no such folder")
        #expect(diagnostic.position == SourcePosition(line: 2, column: 18))
        #expect(file.diagnostic(pointer: "/state", message: "m").position == SourcePosition(line: 1, column: 1))
    }
}
