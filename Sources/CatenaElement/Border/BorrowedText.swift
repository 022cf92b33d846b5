// SPDX-License-Identifier: Apache-2.0
// Text of a message where it stands. Most elements only compare a text, or write it back elsewhere in the same message, in every
// call; a String for that would be an allocation and two copies.
internal import CatenaABI

/// A text of a message, lent until that message changes. It cannot be copied or kept.
public struct BorrowedText: ~Copyable {
    let bytes: UnsafeRawBufferPointer

    init(_ text: catena_str) { bytes = UnsafeRawBufferPointer(start: text.ptr, count: text.ptr == nil ? 0 : text.len) }
    init(_ view: catena_view) { bytes = UnsafeRawBufferPointer(start: view.ptr, count: view.ptr == nil ? 0 : view.len) }

    /// Whether the text is empty, or absent, which is the same.
    public var isEmpty: Bool { bytes.isEmpty }

    /// A copy. Bytes that are not UTF-8 become U+FFFD.
    public var string: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether both are the same bytes.
    public static func == (left: borrowing BorrowedText, right: borrowing BorrowedText) -> Bool {
        left.bytes.hasSameBytes(as: right.bytes)
    }

    /// Whether both are the same bytes. Unlike two Strings, a text is not the same in another form of Unicode.
    public static func == (left: borrowing BorrowedText, right: String) -> Bool {
        let bytes = left.bytes
        // In place, which only a String that came over from elsewhere cannot be read.
        if let result = right.utf8.withContiguousStorageIfAvailable({ bytes.hasSameBytes(as: UnsafeRawBufferPointer($0)) }) { return result }
        return right.utf8.elementsEqual(bytes)
    }
}

/// A path segment, lent until its message changes. It cannot be copied or kept.
public struct BorrowedSegment: ~Copyable {
    private let segment: catena_segment

    init(_ segment: catena_segment) { self.segment = segment }

    /// The name of the application at this hop.
    public var name: BorrowedText { _read { yield BorrowedText(segment.name) } }
    /// The connection's id at this hop.
    public var id: BorrowedText { _read { yield BorrowedText(segment.id) } }
    /// Never to be printed.
    public var token: BorrowedText { _read { yield BorrowedText(segment.token) } }
    /// When the token ends: nanoseconds since 1970 (UTC); nil: not set.
    public var expires: Int64? { segment.expires_unix_ns == .min ? nil : segment.expires_unix_ns }
    /// A copy.
    public var copy: PathSegment {
        PathSegment(name: segment.name.string, id: segment.id.string, token: segment.token.string, expires: expires)
    }
}

extension UnsafeRawBufferPointer {
    /// Eight bytes at a time: ids and URLs are compared in every call, and there is no memcmp without a C library.
    func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        var offset = 0
        while offset + 8 <= count {
            if loadUnaligned(fromByteOffset: offset, as: UInt64.self) != other.loadUnaligned(fromByteOffset: offset, as: UInt64.self) {
                return false
            }
            offset += 8
        }
        while offset < count {
            if self[offset] != other[offset] { return false }
            offset += 1
        }
        return true
    }
}
