// SPDX-License-Identifier: Apache-2.0
// First in, first out, in a ring: nobody moves up when the first leaves. The memory of a rush that is over is not kept.

/// Those who wait, in the order they came.
struct Line<Element> {
    /// As many as a power of two; nil: nobody stands here.
    private var ring: ContiguousArray<Element?> = []
    private var head = 0
    private var count = 0
    /// What an empty line may keep.
    private static var keptCapacity: Int { 16 }

    var isEmpty: Bool { count == 0 }

    /// Where they stand, from the first to the last.
    var places: Range<Int> { 0..<count }

    subscript(place: Int) -> Element {
        get {
            guard let element = ring[index(place)] else { preconditionFailure("nobody stands at place \(place) of \(count)") }
            return element
        }
        set { ring[index(place)] = newValue }
    }

    private func index(_ place: Int) -> Int { (head + place) & (ring.count - 1) }

    mutating func append(_ element: Element) {
        if count == ring.count { grow() }
        ring[index(count)] = element
        count += 1
    }

    mutating func prepend(_ element: Element) {
        if count == ring.count { grow() }
        head = index(ring.count - 1)
        ring[head] = element
        count += 1
    }

    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = ring[head].take()
        head = index(1)
        count -= 1
        tidy()
        return element
    }

    mutating func remove(at place: Int) {
        for next in place..<count - 1 { ring[index(next)] = ring[index(next + 1)].take() }
        ring[index(count - 1)] = nil
        count -= 1
        tidy()
    }

    /// Keeps those of whom `stays` says yes, in their order.
    mutating func keep(where stays: (Element) -> Bool) {
        var kept = 0
        for place in places {
            guard let element = ring[index(place)].take(), stays(element) else { continue }
            ring[index(kept)] = element
            kept += 1
        }
        count = kept
        tidy()
    }

    private mutating func grow() {
        var larger = ContiguousArray<Element?>(repeating: nil, count: max(4, ring.count * 2))
        for place in places { larger[place] = ring[index(place)].take() }
        (ring, head) = (larger, 0)
    }

    private mutating func tidy() {
        if count == 0, ring.count > Self.keptCapacity { (ring, head) = ([], 0) }
    }
}
