// SPDX-License-Identifier: Apache-2.0
// From a number that elements hold to the object it stands for. The number says where the object stands, so finding it costs two
// loads and a comparison, and no hash; and it says the how-manieth it is there, so a number that is over finds nobody.

/// Objects by number. Not locked: its owner is.
struct NumberedTable<Value: AnyObject> {
    private static var indexBits: UInt64 { 24 }

    private struct Place {
        var value: Value?
        /// The number of the object here, or of the last one that was.
        var number: UInt64
    }

    private var places: ContiguousArray<Place> = []
    private var free: ContiguousArray<Int> = []

    var count: Int { places.count - free.count }

    /// Puts an object in.
    ///
    /// - Parameter bits: how long a number may be. Where it is short, a number is the same again after 2^(bits - 24) objects have
    ///   stood at its place.
    /// - Returns: its number, never 0; nil if there are 16 million already.
    mutating func insert(_ value: Value, bits: UInt64 = 64) -> UInt64? {
        if let index = free.popLast() {
            let next = (places[index].number &+ 1 << Self.indexBits) & (UInt64.max >> (64 - bits))
            let number = next >> Self.indexBits == 0 ? next + 1 << Self.indexBits : next
            places[index] = Place(value: value, number: number)
            return number
        }
        let index = places.count
        guard index < 1 << Self.indexBits else { return nil }
        let number = 1 << Self.indexBits | UInt64(index)
        places.append(Place(value: value, number: number))
        return number
    }

    func find(_ number: UInt64) -> Value? { lent(number)?.takeUnretainedValue() }

    /// The same, not counted: the table keeps it until it is taken out.
    @inline(__always)
    func lent(_ number: UInt64) -> Unmanaged<Value>? {
        let index = Self.index(of: number)
        guard index < places.count, places[index].number == number else { return nil }
        return places[index].value.map { .passUnretained($0) }
    }

    /// - Returns: false if it is not in.
    mutating func remove(_ number: UInt64) -> Bool {
        let index = Self.index(of: number)
        guard index < places.count, places[index].number == number, places[index].value != nil else { return false }
        places[index].value = nil
        free.append(index)
        return true
    }

    var values: [Value] { places.compactMap(\.value) }

    private static func index(of number: UInt64) -> Int { Int(truncatingIfNeeded: number & (1 << indexBits - 1)) }
}
