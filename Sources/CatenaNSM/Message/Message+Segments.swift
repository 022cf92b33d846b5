// SPDX-License-Identifier: Apache-2.0
// The path, segment by segment. The index only counts segments: a path has a few, and walking to one is faster than keeping
// a list of them true through every edit.

/// Where the walk through the segments stands, so that reading them in order never begins anew.
struct SegmentCursor {
    let number: UInt32
    let start: UInt32
}

extension Message {
    package var segmentCount: Int { index.segmentCount }

    /// One segment; nil: there is no such.
    package func segment(_ number: Int) -> PathSegment? {
        segmentPlaces(number).map { PathSegment(reading: $0, in: bytes) }
    }

    /// Writes one segment, or appends one when `number` is `segmentCount`. Metrics and unknown fields of it stay.
    ///
    /// - Throws: when there is no such segment, or a text is not UTF-8.
    package func setSegment(_ number: Int, to segment: PathSegment) throws(MessageError) {
        let (name, id, token) = (Array(segment.name.utf8), Array(segment.id.utf8), Array(segment.token.utf8))
        try setSegment(number, name: name.span, id: id.span, token: token.span, expires: segment.expires)
    }

    /// The same with borrowed texts, which may be parts of this message.
    func setSegment(
        _ number: Int, name: Span<UInt8>, id: Span<UInt8>, token: Span<UInt8>, expires: UnixNanoseconds?
    ) throws(MessageError) {
        guard number >= 0, number <= segmentCount else { throw MessageError(.noSuchSegment, in: .path, field: 2) }
        let type = MessageType.pathSegment
        try type.checkText(name, 0..<name.count, field: 1)
        try type.checkText(id, 0..<id.count, field: 2)
        try type.checkText(token, 0..<token.count, field: 3)

        let old = segmentPlaces(number)
        var writer = WireWriter(capacity: name.count + id.count + token.count + (old?.whole.count ?? 0) + 40)
        withBytes { bytes in
            writer.message(2) { body in
                body.text(1, name)
                body.text(2, id)
                body.text(3, token)
                body.expires(expires, keeping: old?.expires, in: bytes)
                guard let old else { return }
                var reader = WireReader(old.contents, of: type)
                while let field = reader.nextChecked(in: bytes) {
                    if (1...4).contains(field.number), field.type == .delimited { continue }
                    body.raw(bytes, field.whole)
                }
            }
        }
        if let old {
            try replace(old.whole, with: writer.bytes, in: .path)
        } else {
            makeContainer(.path)
            let end = number == 0 ? start(of: .path).lowerBound : (segmentPlaces(number - 1)?.whole.upperBound ?? 0)
            try replace(end..<end, with: writer.bytes, in: .path)
            index.addSegment()
        }
    }

    /// Keeps the first `count` segments.
    package func cutSegments(to count: Int) throws(MessageError) {
        guard count >= 0, count < segmentCount else { return }
        let path = index[.path].contents
        var kept = WireWriter(capacity: path.count)
        withBytes { bytes in
            var seen = 0
            var reader = WireReader(path, of: .path)
            while let field = reader.nextChecked(in: bytes) {
                if field.number == 2, field.type == .delimited {
                    seen += 1
                    if seen > count { continue }
                }
                kept.raw(bytes, field.whole)
            }
        }
        try replace(path, with: kept.bytes, in: .path)
        try rescan()
    }

    /// Where one segment and its fields stand; nil: there is no such.
    func segmentPlaces(_ number: Int) -> SegmentPlaces? {
        guard number >= 0, number < segmentCount else { return nil }
        let buffer = bytes.buffer
        return segmentPlaces(number, in: buffer.span)
    }

    private func segmentPlaces(_ number: Int, in bytes: Span<UInt8>) -> SegmentPlaces? {
        let path = index[.path].contents
        var current = 0
        var start = path.lowerBound
        if let cursor, Int(cursor.number) <= number { (current, start) = (Int(cursor.number), Int(cursor.start)) }
        var reader = WireReader(start..<path.upperBound, of: .path)
        while let field = reader.nextChecked(in: bytes) {
            guard field.number == 2, field.type == .delimited else { continue }
            if current == number {
                cursor = SegmentCursor(number: UInt32(number), start: UInt32(field.start))
                return SegmentPlaces(field, in: bytes)
            }
            current += 1
        }
        return nil
    }
}
