// SPDX-License-Identifier: Apache-2.0
// Most wrong names in a config are slips of the finger. Naming the nearest right one is worth more than a page of
// documentation.

enum Suggestion {
    /// ` (did you mean "level"?)`, or nothing if no candidate is near.
    static func text(for word: String, among candidates: [String]) -> String {
        let near = candidates.map { (name: $0, distance: distance(word, $0)) }
            .filter { $0.distance <= max(1, min(word.count, $0.name.count) / 3) }
            .min { $0.distance < $1.distance }
        return near.map { " (did you mean \"\($0.name)\"?)" } ?? ""
    }

    /// How many characters must be inserted, removed, replaced or swapped with their neighbour. Case counts for nothing.
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.lowercased()), right = Array(right.lowercased())
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
