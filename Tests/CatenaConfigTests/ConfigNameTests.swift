// SPDX-License-Identifier: Apache-2.0
//
// One pattern for every name; what passes here is safe in a path, a metric and a file name.
// Look-alikes from other scripts must not pass.

import CatenaConfig
import Testing

@Suite("Config name")
struct ConfigNameTests {
    @Test("takes letters, digits, dash, underscore and dot", arguments: ["a", "0", "to-next-hop", "a_b.c", "A1", String(repeating: "x", count: 64)])
    func accepted(name: String) { #expect(ConfigName.isValid(name)) }

    @Test("takes nothing else", arguments: ["", "-a", ".a", "_a", "a/b", "a b", "é", "\u{212A}", "a\n", "a$", String(repeating: "x", count: 65)])
    func refused(name: String) { #expect(!ConfigName.isValid(name)) }
}
