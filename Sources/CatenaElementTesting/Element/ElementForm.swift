// SPDX-License-Identifier: Apache-2.0
// The two ways in which an element comes to a host. What is true of one must be true of the other, so that the same test
// body runs with both: `@Test(arguments: ElementForm.allCases)`.

/// How a Swift element comes to its bench.
public enum ElementForm: String, Sendable, CaseIterable {
    /// Linked into the test.
    case linked
    /// From its built module, opened as a host opens it: `lib<type>.so` beside the test bundle, where SwiftPM puts it.
    case opened
}
