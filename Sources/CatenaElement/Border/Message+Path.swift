// SPDX-License-Identifier: Apache-2.0
// The path of a connection, segment by segment. Its length comes from outside, so that every access says what happens
// beyond the end.
internal import CatenaABI

extension Message {
    /// How many segments the path has; 0 where it has not begun.
    public var segmentCount: Int { Int(table.pointee.segments(pointer)) }

    /// A copy of a segment; nil beyond the end.
    public func segment(at index: Int) -> PathSegment? { withSegment(at: index) { $0.copy } }

    /// Lends a segment, which costs no copy of its texts; nil beyond the end.
    public func withSegment<R, E: Error>(
        at index: Int, _ body: (borrowing BorrowedSegment) throws(E) -> R
    ) throws(E) -> R? {
        guard let index = UInt32(exactly: index) else { return nil }
        var segment = catena_segment()
        guard table.pointee.segment(pointer, index, &segment) == CATENA_OK else { return nil }
        return try body(BorrowedSegment(segment))
    }

    /// Replaces a segment, or appends it when `index` is the number of segments. Metrics and unknown fields stay.
    /// - Throws: NOT_FOUND beyond that.
    public func setSegment(at index: Int, _ segment: PathSegment) throws(ElementError) {
        let status = withCText(segment.name) { name in
            withCText(segment.id) { id in
                withCText(segment.token) { token in
                    var value = catena_segment(name: name, id: id, token: token, expires_unix_ns: segment.expires ?? .min)
                    return table.pointee.set_segment(pointer, UInt32(clamping: index), &value)
                }
            }
        }
        try check(status, "cannot set path segment \(index)")
    }

    /// Keeps the first `count` segments.
    public func cutSegments(to count: Int) throws(ElementError) {
        try check(table.pointee.cut_segments(pointer, UInt32(clamping: count)), "cannot cut the path")
    }
}
