// SPDX-License-Identifier: Apache-2.0
// Most wrong names in a config are slips of the finger. Naming the nearest right one is worth more than a page of
// documentation. The rule is the host's own, so that one file is judged by one measure; a test holds the two together.

enum Suggestion {
    /// The nearest of the candidates, the first among equals; nil when none is near.
    ///
    /// Near means: at most one insertion, removal, replacement or swap of neighbours for every three characters of the longer
    /// name, or at least three characters that begin it. Case counts for nothing.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let wanted = letters(of: word)
        guard !wanted.isEmpty, wanted.count <= longest else { return nil }
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let known = letters(of: candidate)
            let allowed = max(wanted.count, known.count) / 3
            guard known.count <= longest else { continue }
            var edits = Int.max
            if abs(known.count - wanted.count) <= allowed, case let count = distance(wanted, known), count <= allowed { edits = count }
            if edits == Int.max, wanted.count >= 3, known.starts(with: wanted) { edits = known.count - wanted.count }
            if edits < best?.distance ?? Int.max { best = (candidate, edits) }
        }
        return best?.name
    }

    /// ` (did you mean "level"?)`, or nothing if no candidate is near.
    static func text(for word: String, among candidates: [String]) -> String {
        nearest(to: word, among: candidates).map { " (did you mean \"\($0)\"?)" } ?? ""
    }

    /// Longer names are not compared: the work grows with the product of both lengths.
    private static let longest = 128

    private static func letters(of name: String) -> [Unicode.Scalar] { Array(name.lowercased().unicodeScalars) }

    /// How many scalars must be inserted, removed, replaced or swapped with their neighbour.
    private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (left[i] == right[j] ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] { best = min(best, beforeLast[j - 1] + 1) }
                row.append(best)
            }
            beforeLast = last
            last = row
        }
        return last[right.count]
    }
}
