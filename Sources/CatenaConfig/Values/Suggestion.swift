// SPDX-License-Identifier: Apache-2.0
//
// A wrong name is nearly always a right name mistyped, and showing the right one saves a trip to the manual.
// A far-fetched guess misleads, though, so the bar is low for long names and high for short ones.

/// Finds the known name that a mistyped one was meant to be.
public enum Suggestion {
    /// The nearest of the candidates, the first among equals; nil when none is near.
    ///
    /// Near means: at most one insertion, deletion, replacement or swap of neighbours for every three characters of the longer
    /// name, or at least three characters that begin it. Case does not count.
    public static func nearest(to name: String, in candidates: some Sequence<String>) -> String? {
        let wanted = letters(of: name)
        guard !wanted.isEmpty, wanted.count <= maximumLength else { return nil }
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let known = letters(of: candidate)
            let allowed = max(wanted.count, known.count) / 3
            guard known.count <= maximumLength else { continue }
            var distance = Int.max
            if abs(known.count - wanted.count) <= allowed {
                let edits = editDistance(wanted, known)
                if edits <= allowed { distance = edits }
            }
            if distance == Int.max, wanted.count >= 3, known.starts(with: wanted) { distance = known.count - wanted.count }
            if distance < best?.distance ?? Int.max { best = (candidate, distance) }
        }
        return best?.name
    }

    /// ` (did you mean "name"?)` with a space before it, or an empty string when nothing is near.
    public static func phrase(for name: String, in candidates: some Sequence<String>) -> String {
        nearest(to: name, in: candidates).map { " (did you mean \($0.quoted())?)" } ?? ""
    }

    /// Longer names are not compared: the work grows with the product of both lengths.
    private static let maximumLength = 128

    private static func letters(of name: String) -> [Unicode.Scalar] { Array(name.lowercased().unicodeScalars) }

    /// Optimal string alignment: Levenshtein's distance with swaps of neighbours.
    private static func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, leftLetter) in left.enumerated() {
            var current = [row + 1]
            for (column, rightLetter) in right.enumerated() {
                var distance = min(last[column + 1], current[column]) + 1
                distance = min(distance, last[column] + (leftLetter == rightLetter ? 0 : 1))
                if row > 0, column > 0, leftLetter == right[column - 1], left[row - 1] == rightLetter {
                    distance = min(distance, beforeLast[column - 1] + 1)
                }
                current.append(distance)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
