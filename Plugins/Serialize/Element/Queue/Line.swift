// SPDX-License-Identifier: Apache-2.0
// First in, first out, without moving everyone up for each that leaves, and without keeping the memory of a rush that is over.

/// Those who wait, in the order they came.
struct Line<Element> {
    private var items: [Element] = []
    /// Places before this one are left.
    private var head = 0
    /// What an empty line may keep.
    private static var keptCapacity: Int { 16 }

    var isEmpty: Bool { head == items.count }

    /// Where they stand, from the first to the last.
    var places: Range<Int> { head..<items.count }

    subscript(place: Int) -> Element {
        get { items[place] }
        _modify { yield &items[place] }
    }

    mutating func append(_ item: Element) { items.append(item) }

    mutating func prepend(_ item: Element) {
        if head > 0 {
            head -= 1
            items[head] = item
        } else {
            items.insert(item, at: 0)
        }
    }

    mutating func popFirst() -> Element? {
        guard head < items.count else { return nil }
        let item = items[head]
        removeFirst()
        return item
    }

    /// The line must not be empty.
    mutating func removeFirst() {
        head += 1
        tidy()
    }

    mutating func remove(at place: Int) {
        items.remove(at: place)
        tidy()
    }

    /// Keeps those of whom `stays` says yes, in their order.
    mutating func keep(where stays: (Element) -> Bool) {
        var kept = head
        for place in places where stays(items[place]) {
            if kept != place { items[kept] = items[place] }
            kept += 1
        }
        items.removeLast(items.count - kept)
        tidy()
    }

    private mutating func tidy() {
        if head == items.count {
            if items.capacity > Self.keptCapacity { items = [] } else { items.removeAll(keepingCapacity: true) }
            head = 0
        } else if head >= 32, head * 2 >= items.count {
            items.removeFirst(head)
            head = 0
        }
    }
}
