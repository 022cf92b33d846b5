// SPDX-License-Identifier: Apache-2.0
// A number with its noun, for people: "1 element" and "2 elements".

/// `1 leg`, `2 legs`, of a noun that takes an s.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
