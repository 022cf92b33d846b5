// SPDX-License-Identifier: Apache-2.0
// One path segment read off its bytes, without copying its texts: the form in which C elements borrow it.

/// Where a segment and its fields stand. A text that is not there is an empty range.
struct SegmentPlaces {
    let whole: Range<Int>
    let contents: Range<Int>
    private(set) var name: Range<Int>
    private(set) var id: Range<Int>
    private(set) var token: Range<Int>
    private(set) var expires: Range<Int>?
    /// What `expires` says.
    private(set) var expiry: UnixNanoseconds?

    init(_ segment: WireField, in bytes: Span<UInt8>) {
        whole = segment.whole
        contents = segment.contents
        name = segment.body..<segment.body
        id = name
        token = name
        var reader = WireReader(segment.contents, of: .pathSegment)
        while let field = reader.nextChecked(in: bytes) {
            guard field.type == .delimited else { continue }
            switch field.number {
            case 1: name = field.contents
            case 2: id = field.contents
            case 3: token = field.contents
            case 4:
                expires = field.contents
                expiry = Timestamp(field.contents, in: bytes).unixNanoseconds
            default: continue
            }
        }
    }
}
