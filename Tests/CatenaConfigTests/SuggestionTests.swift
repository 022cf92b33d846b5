// SPDX-License-Identifier: Apache-2.0
//
// A suggestion must help when it is near and keep silent when it is not.
// The words are those that users of chains.json mistype.

import CatenaConfig
import Testing

@Suite("Suggestion")
struct SuggestionTests {
    static let known = ["element", "config", "module", "name", "listen", "elements", "closeTimeout"]

    @Test("finds the name that was meant", arguments: [
        ("elment", "element"), ("elemnets", "elements"), ("Config", "config"), ("conf", "config"), ("modul", "module"), ("nmae", "name"),
        ("close_timeout", "closeTimeout"), ("LISTEN", "listen"), ("element", "element"),
    ])
    func near(name: String, meant: String) { #expect(Suggestion.nearest(to: name, in: SuggestionTests.known) == meant) }

    @Test("does not guess", arguments: ["", "x", "requirePins", "state", "zzzzzz", String(repeating: "element", count: 100)])
    func far(name: String) { #expect(Suggestion.nearest(to: name, in: SuggestionTests.known) == nil) }

    @Test("takes no short name for another")
    func short() {
        #expect(Suggestion.nearest(to: "a", in: ["b"]) == nil)
        #expect(Suggestion.nearest(to: "ab", in: ["ac"]) == nil)
        #expect(Suggestion.phrase(for: "ab", in: ["ac"]) == "")
        #expect(Suggestion.phrase(for: "loging", in: ["null", "logging"]) == " (did you mean \"logging\"?)")
    }
}
