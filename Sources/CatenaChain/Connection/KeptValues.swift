// SPDX-License-Identifier: Apache-2.0
// Values of the last good Request that a connection keeps. A value has room for the longest of its kind, a URL for instance, and
// there may be a hundred thousand connections: so the zeros at its end are not kept.

internal import Glibc

/// The values with the flag KEPT of one connection.
struct KeptValues {
    /// Of each value its length without the zeros at its end, in two bytes, and then so much of it. Empty: nothing is kept.
    private var bytes: [UInt8] = []

    /// What was kept last on a loop, and in which chain.
    typealias Last = (chain: ObjectIdentifier, values: KeptValues)

    /// - Parameters:
    ///   - ranges: where they stand in `values`; none is longer than a length can say.
    ///   - last: most connections of a chain keep the same ones, and share them in memory.
    mutating func keep(_ values: UnsafeRawPointer, _ ranges: [Range<Int>], like last: inout Last?, of chain: LinkedChain) {
        // A refresh nearly always comes with the same ones.
        guard !holds(values, ranges) else { return }
        let chain = ObjectIdentifier(chain)
        if let last, last.chain == chain, last.values.holds(values, ranges) { return self = last.values }
        self = KeptValues(values, ranges)
        last = (chain, self)
    }

    init() {}

    private init(_ values: UnsafeRawPointer, _ ranges: [Range<Int>]) {
        var kept: [UInt8] = []
        kept.reserveCapacity(ranges.reduce(0) { $0 + 2 + KeptValues.length(values, $1) })
        for range in ranges {
            let length = KeptValues.length(values, range)
            kept.append(UInt8(truncatingIfNeeded: length))
            kept.append(UInt8(truncatingIfNeeded: length >> 8))
            kept.append(contentsOf: UnsafeRawBufferPointer(start: values + range.lowerBound, count: length))
        }
        bytes = kept
    }

    /// Gives them back.
    func restore(into values: UnsafeMutableRawPointer, _ ranges: [Range<Int>]) {
        _ = forEach(ranges) { range, kept, length in
            let value = values + range.lowerBound
            value.copyMemory(from: kept, byteCount: length)
            (value + length).initializeMemory(as: UInt8.self, repeating: 0, count: range.count - length)
            return true
        }
    }

    private func holds(_ values: UnsafeRawPointer, _ ranges: [Range<Int>]) -> Bool {
        guard !bytes.isEmpty else { return false }
        return forEach(ranges) { range, kept, length in
            let value = values + range.lowerBound
            return memcmp(value, kept, length) == 0 && KeptValues.isZero(value + length, range.count - length)
        }
    }

    /// - Returns: false: `body` did not want to go on.
    private func forEach(_ ranges: [Range<Int>], _ body: (Range<Int>, UnsafeRawPointer, Int) -> Bool) -> Bool {
        bytes.withUnsafeBytes { bytes in
            guard var kept = bytes.baseAddress, !bytes.isEmpty else { return true }
            for range in ranges {
                let length = Int(kept.loadUnaligned(as: UInt8.self)) | Int(kept.loadUnaligned(fromByteOffset: 1, as: UInt8.self)) << 8
                guard body(range, kept + 2, length) else { return false }
                kept += 2 + length
            }
            return true
        }
    }

    private static func length(_ values: UnsafeRawPointer, _ range: Range<Int>) -> Int {
        let value = UnsafeRawBufferPointer(start: values + range.lowerBound, count: range.count)
        return (value.lastIndex { $0 != 0 } ?? -1) + 1
    }

    /// Each byte is like the one before it, and the first is zero.
    private static func isZero(_ bytes: UnsafeRawPointer, _ count: Int) -> Bool {
        count == 0 || bytes.load(as: UInt8.self) == 0 && memcmp(bytes, bytes + 1, count - 1) == 0
    }
}
