// SPDX-License-Identifier: Apache-2.0
// Columns for a terminal. What stands in them comes from modules, so no cell can begin a line of its own or move the cursor.

internal import CatenaConfig

/// A table of texts.
struct TextTable {
    let head: [String]
    var rows: [[String]] = []

    /// One line each, the head first; columns two spaces apart, the last one as long as it is.
    func lines(indent: String = "") -> [String] {
        let cells = ([head] + rows).map { $0.map(\.singleLine) }
        let widths = head.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        return cells.map { row in
            let padded = row.indices.map { column in
                row[column] + String(repeating: " ", count: max(0, widths[column] - row[column].count))
            }
            let line = indent + padded.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
