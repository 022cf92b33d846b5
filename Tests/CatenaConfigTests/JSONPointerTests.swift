// SPDX-License-Identifier: Apache-2.0
//
// Pointers come from modules, which may be wrong; what is no pointer must be told from what points nowhere.

import Testing

@testable import CatenaConfig

@Suite("JSON pointer")
struct JSONPointerTests {
    @Test("reads and writes RFC 6901", arguments: [
        ("", []), ("/", [""]), ("/a", ["a"]), ("/a~1b/0", ["a/b", "0"]), ("/~0~1", ["~/"]), ("/~01", ["~1"]), ("//x", ["", "x"]),
        ("/\u{301}", ["\u{301}"]),
    ])
    func roundTrip(text: String, tokens: [String]) {
        let pointer = JSONPointer(text)
        #expect(pointer?.tokens == tokens)
        #expect(pointer?.description == text)
    }

    @Test("refuses what is no pointer", arguments: ["a", "a/b", "#/a", "/~", "/~2", "/a~/b"])
    func refused(text: String) { #expect(JSONPointer(text) == nil) }
}
