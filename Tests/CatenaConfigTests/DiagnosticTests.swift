// SPDX-License-Identifier: Apache-2.0
//
// A diagnostic is read by people in a terminal and by programs; both forms are promised.
// The caret must stand under its character whatever comes before it in the line.

import Testing

@testable import CatenaConfig

@Suite("Diagnostic")
struct DiagnosticTests {
    @Test("counts lines by LF, CRLF and CR, and columns by scalars", arguments: [
        ("ab", 0, 1, 1), ("ab", 2, 1, 3), ("a\nb", 2, 2, 1), ("a\r\nb", 3, 2, 1), ("a\rb", 2, 2, 1), ("\n\n", 2, 3, 1),
        ("\tx", 1, 1, 2), ("éx", 2, 1, 2), ("👍🏽x", 8, 1, 3), ("e\u{301}x", 3, 1, 3), ("\u{FEFF}x", 3, 1, 1), ("ab", 99, 1, 3),
    ])
    func position(text: String, offset: Int, line: Int, column: Int) {
        let source = SourceText(file: "f", bytes: Array(text.utf8))
        #expect(source.position(at: offset) == SourcePosition(line: line, column: column))
    }

    @Test("puts the caret under its character", arguments: [
        ("abc", 2, "  "), ("\tab", 2, "\t "), ("é x", 3, "  "), ("漢x", 3, "  "), ("e\u{301}x", 3, " "), ("👍🏽x", 8, "  "), ("x", 1, " "),
    ])
    func caret(text: String, offset: Int, indent: String) {
        let excerpt = SourceExcerpt(of: SourceText(file: "f", bytes: Array(text.utf8)), at: offset)
        #expect(excerpt.line == text)
        #expect(excerpt.indent == indent)
    }

    @Test("cuts a long line around the caret", arguments: [0, 60, 61, 5_000, 9_999])
    func longLine(offset: Int) {
        let source = SourceText(file: "f", bytes: Array(String(repeating: "é", count: 10_000).utf8))
        let excerpt = SourceExcerpt(of: source, at: 2 * offset)
        #expect(excerpt.line.unicodeScalars.count <= 2 * SourceExcerpt.reach + 2)
        #expect(excerpt.line.hasPrefix("…") == (offset > SourceExcerpt.reach))
        #expect(excerpt.indent.count < excerpt.line.count)
    }

    @Test("prints nothing that could move the cursor or hide")
    func terminal() {
        let source = SourceText(file: "a\u{1B}[2J.json", bytes: Array("x\u{1B}[31m\u{202E}y".utf8))
        let diagnostic = Diagnostic(severity: .error, source: source, offset: 0, pointer: JSONPointer.root.appending("\n"), message: "m\u{7}\nn")
        #expect(diagnostic.description == """
            a\\u{1b}[2J.json:1:1: error: /\\u{a}: m\\u{7}\\u{a}n
            x\u{FFFD}[31m\u{FFFD}y
            ^
            """)
    }

    @Test("is data with the same facts, and null where there is no position")
    func json() {
        let source = SourceText(file: "c.json", bytes: Array("{}".utf8))
        let located = Diagnostic(severity: .warning, source: source, offset: 1, pointer: .root, message: "a \"b\"")
        let whole = Diagnostic(severity: .error, file: "c.json", message: "cannot read")
        #expect([located, whole].renderedJSON() == #"""
            [
              {"severity":"warning","file":"c.json","line":1,"column":2,"pointer":"","message":"a \"b\""},
              {"severity":"error","file":"c.json","line":null,"column":null,"pointer":"","message":"cannot read"}
            ]

            """#)
        #expect([Diagnostic]().renderedJSON() == "[]\n")
    }

    @Test("is sorted by place, the whole file first")
    func sorted() {
        let source = SourceText(file: "c", bytes: Array("a\nbc".utf8))
        let diagnostics = [3, 0, 2].map { Diagnostic(severity: .error, source: source, offset: $0, pointer: .root, message: "\($0)") }
        let error = ConfigError(diagnostics + [Diagnostic(severity: .error, file: "c", message: "whole")])
        #expect(error.diagnostics.map(\.message) == ["whole", "0", "2", "3"])
    }
}
