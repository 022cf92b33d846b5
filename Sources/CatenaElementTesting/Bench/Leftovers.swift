// SPDX-License-Identifier: Apache-2.0
// What is still there when a bench is over. Each line names what was left and who had it, since that is the whole of the
// search that a leak otherwise takes.

/// What a test has left behind; an error when there is anything.
public struct Leftovers: Error, Sendable, Equatable, CustomStringConvertible {
    /// One sentence for each thing; empty: all is gone.
    public internal(set) var lines: [String] = []

    /// Whether all is gone.
    public var isEmpty: Bool { lines.isEmpty }

    /// All sentences, one in a line.
    public var description: String { "the bench is over, and something is left:\n" + lines.map { "  - \($0)" }.joined(separator: "\n") }
}
