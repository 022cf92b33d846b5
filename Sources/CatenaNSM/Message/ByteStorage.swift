// SPDX-License-Identifier: Apache-2.0
// The bytes of a message, shared by its clones until one of them changes. Raw memory is handled here and, for C, in the files
// of the views and of the table: an allocation of our own has an address that stays, which is what lets elements borrow views.

/// One allocation with the bytes of a message. Changed only by a message that alone holds it.
final class ByteStorage {
    private let base: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    private(set) var count: Int

    private init(count: Int) {
        // Room for some edits, so that the usual ones (a new id, one more segment) need no second allocation.
        self.capacity = count + max(192, count / 4)
        self.base = .allocate(capacity: capacity)
        self.count = count
    }

    /// Copies.
    convenience init(copying bytes: Span<UInt8>) {
        self.init(count: bytes.count)
        write(bytes, at: 0)
    }

    /// Copies `head`, and `bytes` behind it.
    convenience init(copying bytes: Span<UInt8>, after head: Span<UInt8>) {
        self.init(count: head.count + bytes.count)
        write(head, at: 0)
        write(bytes, at: head.count)
    }

    /// Copies what comes before `range`, `replacement`, and what comes behind.
    convenience init(_ old: ByteStorage, replacing range: Range<Int>, with replacement: Span<UInt8>) {
        self.init(count: old.count - range.count + replacement.count)
        base.update(from: old.base, count: range.lowerBound)
        write(replacement, at: range.lowerBound)
        (base + range.lowerBound + replacement.count).update(from: old.base + range.upperBound, count: old.count - range.upperBound)
    }

    deinit { base.deallocate() }

    /// All bytes, for as long as `body` runs.
    func withBytes<R, E>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        try body(UnsafeBufferPointer(start: base, count: count).span)
    }

    /// A part of the bytes by address: valid while this object lives and is not changed. An empty part has an address too.
    func view(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    func hasRoom(for more: Int) -> Bool { count + more <= capacity }

    /// Replaces in place. There must be room, and `replacement` must not be a part of this.
    func replace(_ range: Range<Int>, with replacement: Span<UInt8>) {
        let delta = replacement.count - range.count
        precondition(range.lowerBound >= 0 && range.upperBound <= count && hasRoom(for: delta))
        if delta != 0 {
            (base + range.upperBound + delta).update(from: base + range.upperBound, count: count - range.upperBound)
            count += delta
        }
        write(replacement, at: range.lowerBound)
    }

    /// Writes a number over bytes that it fills exactly. Returns where it ends.
    @discardableResult
    func overwrite(at offset: Int, with value: UInt64) -> Int {
        precondition(offset >= 0 && offset + WireWriter.width(value) <= count)
        var rest = value
        var position = offset
        while rest >= 0x80 {
            base[position] = UInt8(truncatingIfNeeded: rest) | 0x80
            rest >>= 7
            position += 1
        }
        base[position] = UInt8(truncatingIfNeeded: rest)
        return position + 1
    }

    private func write(_ bytes: Span<UInt8>, at offset: Int) {
        bytes.withUnsafeBufferPointer { from in
            if let start = from.baseAddress { (base + offset).update(from: start, count: from.count) }
        }
    }
}
