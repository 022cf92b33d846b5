// SPDX-License-Identifier: Apache-2.0
// The bytes of a message, with their index, as a value: a copy shares the memory, and whoever changes first gets memory of its
// own. Raw memory is handled here and, for C, in the files of the views and of the table.

/// The bytes of a message and where its fields stand in them.
struct MessageBytes {
    /// Keeps what the pointers point to. Reading goes by them, which counts no references.
    private var memory: ByteStorage
    private var head: UnsafeMutablePointer<ByteStorageHead>
    private var base: UnsafeMutablePointer<UInt8>

    /// - Parameter room: for edits, beside the bytes.
    private init(count: Int, room: Int, index: MessageIndex) {
        memory = .make(ByteStorageHead(capacity: count + room, count: count, index: index))
        (head, base) = memory.withUnsafeMutablePointers { ($0, $1) }
    }

    var count: Int { head.pointee.count }
    /// How many bytes the memory has room for.
    var capacity: Int { head.pointee.capacity }

    /// Written only just after a `replace` and for new bytes, when nobody shares them.
    var index: MessageIndex {
        @inline(__always) _read { yield head.pointee.index }
        @inline(__always) nonmutating _modify { yield &head.pointee.index }
    }

    /// Makes the index anew, and checks all bytes. When nobody shares them.
    func scan() throws(MessageError) {
        let buffer = buffer
        try index.scan(buffer.span)
    }

    /// Room for the usual edits of a Request (a new id, one more segment), so that they need no second allocation.
    static func usualRoom(_ count: Int) -> Int { max(192, count / 4) }

    /// Room of bytes that are seldom edited.
    static let leastRoom = 32

    /// Copies `head`, and `bytes` behind it.
    /// - Parameter room: for edits; nil: the usual one.
    init(copying bytes: Span<UInt8>, after head: WireHead = WireHead(), room: Int? = nil) {
        let count = head.count + bytes.count
        self.init(count: count, room: room ?? MessageBytes.usualRoom(count), index: MessageIndex())
        head.write(to: base)
        write(bytes, at: head.count)
    }

    /// All bytes by address: valid while these are held and not changed.
    var buffer: UnsafeBufferPointer<UInt8> {
        @inline(__always) get { UnsafeBufferPointer(start: base, count: count) }
    }

    /// All bytes, for as long as `body` runs.
    @inline(__always)
    func withBytes<R, E>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        let buffer = buffer
        return try body(buffer.span)
    }

    /// A part of the bytes by address: valid while these are held and not changed. An empty part has an address too.
    @inline(__always)
    func view(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    /// A part of the bytes with what keeps it: while the owner is held, these bytes do not change, as they are shared.
    func shared(_ range: Range<Int>) -> SharedBytes { SharedBytes(owner: memory, bytes: view(range)) }

    /// Is it the same memory, and so the same bytes?
    func isShared(with other: MessageBytes) -> Bool { base == other.base }

    /// Are some of `others` a part of the memory of these?
    func overlaps(_ others: Span<UInt8>) -> Bool {
        others.withUnsafeBufferPointer { others in
            guard let start = others.baseAddress, !others.isEmpty else { return false }
            return start < base + capacity && start + others.count > base
        }
    }

    /// Replaces a part by `head` and `contents`, which must not be a part of these unless the memory is shared.
    mutating func replace(_ range: Range<Int>, with head: WireHead, _ contents: Span<UInt8>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        let start = range.lowerBound, end = start + head.count + contents.count, behind = count - range.upperBound
        if end + behind <= capacity, isKnownUniquelyReferenced(&memory) {
            if end != range.upperBound { (base + end).update(from: base + range.upperBound, count: behind) }
            self.head.pointee.count = end + behind
            head.write(to: base + start)
            write(contents, at: start + head.count)
        } else {
            let old = self  // until all has been copied out of it, perhaps the contents too
            self = MessageBytes(count: end + behind, room: MessageBytes.usualRoom(end + behind), index: old.index)
            base.update(from: old.base, count: start)
            head.write(to: base + start)
            write(contents, at: start + head.count)
            (base + end).update(from: old.base + range.upperBound, count: behind)
            withExtendedLifetime(old.memory) {}
        }
    }

    /// Becomes the same as `other`, without sharing its memory.
    mutating func copy(_ other: MessageBytes) {
        let count = other.count, left = capacity - count
        if left < 0 || left > Self.usualRoom(count) || !isKnownUniquelyReferenced(&memory) {
            self = MessageBytes(count: count, room: Self.leastRoom, index: other.index)
        } else {
            head.pointee.count = count
            head.pointee.index = other.index
        }
        base.update(from: other.base, count: count)
        withExtendedLifetime(other.memory) {}
    }

    /// Writes over bytes just after a `replace`, when nobody shares them.
    mutating func overwrite(at offset: Int, with head: WireHead) {
        precondition(offset >= 0 && offset + head.count <= count)
        head.write(to: base + offset)
    }

    private func write(_ bytes: Span<UInt8>, at offset: Int) {
        bytes.withUnsafeBufferPointer { from in
            if let start = from.baseAddress { (base + offset).update(from: start, count: from.count) }
        }
    }
}

/// Bytes of a message that are sent as they lie, without a copy.
///
/// Unchecked, because it holds a pointer: what that points to is kept by the owner and is not changed while the owner is held.
package struct SharedBytes: @unchecked Sendable {
    /// Keeps the bytes; held for as long as they are read.
    package let owner: AnyObject
    package let bytes: UnsafeRawBufferPointer
}
