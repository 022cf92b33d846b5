// SPDX-License-Identifier: Apache-2.0
//
// The rules of ${VAR}: what is replaced, what stays, and what is refused instead of guessed.

import Testing

@testable import CatenaConfig

@Suite("Substitution")
struct SubstitutionTests {
    static let environment = ["HOST": "h", "EMPTY": "", "TRICK": "${HOST}", "_a1": "under"]

    @Test("replaces variables and leaves everything else", arguments: [
        ("plain", "plain"), ("${HOST}", "h"), ("a${HOST}b${HOST}c", "ahbhc"), ("${EMPTY}", ""), ("${EMPTY:-d}", "d"), ("${NONE:-d}", "d"),
        ("${NONE:-}", ""), ("${HOST:-d}", "h"), ("${NONE:-a:-b $x}", "a:-b $x"), ("${TRICK}", "${HOST}"), ("${_a1}", "under"),
        ("$HOST", "$HOST"), ("$", "$"), ("$$", "$$"), ("100$ {x}", "100$ {x}"), ("$${HOST}", "${HOST}"), ("$$${HOST}", "$${HOST}"),
        ("é${HOST}\u{301}", "éh\u{301}"), ("}", "}"),
    ])
    func replaced(template: String, text: String) {
        let substitution = Substitution(template, environment: SubstitutionTests.environment)
        #expect(substitution.problems == [])
        #expect(substitution.text == text)
    }

    @Test("reports every variable that it cannot replace", arguments: [
        ("${NONE}", 1), ("${NONE} ${NADA}", 2), ("${", 1), ("${HOST", 1), ("${}", 1), ("${1A}", 1), ("${A-B}", 1), ("${HOST:d}", 1), ("${A B}", 1),
        ("${HOST:?x}", 1), ("${A:-${HOST}}", 1), ("${ HOST }", 1), ("${hé}", 1),
    ])
    func refused(template: String, count: Int) {
        #expect(Substitution(template, environment: SubstitutionTests.environment).problems.count == count)
    }
}
