// SPDX-License-Identifier: Apache-2.0
//
// Where an editor's cursor must go, in the units editors and compilers print.
// Columns count Unicode scalars, so a tab and an umlaut are one column each.

/// A place in a text, as people count: both numbers begin at 1.
public struct SourcePosition: Sendable, Equatable, Comparable {
    /// The line, from 1.
    public let line: Int
    /// The column in Unicode scalars, from 1.
    public let column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    public static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}
