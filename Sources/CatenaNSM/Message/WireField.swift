// SPDX-License-Identifier: Apache-2.0
// Where one field stands in the bytes of a message. Offsets and not slices: they cost no reference count, and they stay true
// when what lies behind them is moved along.

/// How a field is laid out. The two other values of the wire do not exist.
enum WireType: UInt8, Sendable {
    case varint = 0
    case fixed64 = 1
    case delimited = 2
    case groupStart = 3
    case groupEnd = 4
    case fixed32 = 5
}

/// One field: tag in `start..<`, contents in `body..<end`. Of a number the contents are its bytes, of text and messages what
/// follows the length.
struct WireField: Sendable {
    let number: UInt32
    let type: WireType
    let start: Int
    let body: Int
    let end: Int

    var whole: Range<Int> { start..<end }
    var contents: Range<Int> { body..<end }
}

/// The same for the index: 12 bytes, and able to say that the field is not there.
struct FieldRange: Sendable {
    private(set) var start: UInt32 = 0
    private(set) var body: UInt32 = 0
    private(set) var end: UInt32 = 0  // 0: not there, as a field that is there ends behind its tag

    static let absent = FieldRange()

    init() {}

    init(start: Int, body: Int, end: Int) {
        self.start = UInt32(truncatingIfNeeded: start)  // no message is longer than Message.sizeLimit
        self.body = UInt32(truncatingIfNeeded: body)
        self.end = UInt32(truncatingIfNeeded: end)
    }

    init(_ field: WireField) { self.init(start: field.start, body: field.body, end: field.end) }

    var isPresent: Bool { end != 0 }
    var whole: Range<Int> { Int(start)..<Int(end) }
    var contents: Range<Int> { Int(body)..<Int(end) }

    func moved(by delta: Int) -> FieldRange {
        isPresent ? FieldRange(start: Int(start) + delta, body: Int(body) + delta, end: Int(end) + delta) : .absent
    }

    /// Follows a replacement of `range` by bytes that are `delta` longer. What lies behind moves; what the range lies in, or
    /// is, grows. A range that is empty is at the beginning of a body or behind a path segment, so it is never taken for a
    /// part of the field that ends there.
    mutating func follow(_ range: Range<Int>, delta: Int) {
        // All offsets are below 2^31, so that the sums wrap to what they should be.
        let (bound, delta) = (UInt32(truncatingIfNeeded: range.upperBound), UInt32(truncatingIfNeeded: delta))
        guard isPresent, end >= bound else { return }
        end &+= delta
        guard start >= bound else { return }
        start &+= delta
        body &+= delta
    }
}
