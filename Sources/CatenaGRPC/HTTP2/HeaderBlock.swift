// SPDX-License-Identifier: Apache-2.0
// A list of header fields in the layout nghttp2 reads, so that submitting one costs no conversion. Text known at compile time is
// passed by address (it lives as long as the program); all other text is kept here and copied by nghttp2 in its one allocation.
internal import CNghttp2

/// Header fields ready for nghttp2. Names must be lower-case. Not thread-safe.
@safe final class HeaderBlock {
    private var fields: UnsafeMutablePointer<nghttp2_nv>
    private(set) var count = 0
    private var capacity: Int
    /// The text of fields that is not static, in one piece that may move.
    private var text: UnsafeMutablePointer<UInt8>
    private var textCount = 0
    private var textCapacity: Int

    private static let staticName = UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue)
    private static let staticValue = UInt8(NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)

    init(capacity: Int = 8, textCapacity: Int = 128) {
        self.capacity = capacity
        self.textCapacity = textCapacity
        unsafe fields = .allocate(capacity: capacity)
        unsafe text = .allocate(capacity: textCapacity)
    }

    deinit {
        unsafe fields.deallocate()
        unsafe text.deallocate()
    }

    /// A place to come back to with ``truncate(to:)``.
    struct Mark {
        fileprivate let count: Int
        fileprivate let textCount: Int
    }

    /// The end of what is there now.
    var mark: Mark { Mark(count: count, textCount: textCount) }

    /// Drops what was appended after `mark`, and keeps the memory.
    func truncate(to mark: Mark) {
        count = mark.count
        textCount = mark.textCount
    }

    /// Makes room for another use without giving the memory back.
    func removeAll() {
        count = 0
        textCount = 0
    }

    func append(_ name: StaticString, _ value: StaticString) {
        unsafe append(
            nghttp2_nv(
                name: .init(mutating: name.utf8Start), value: .init(mutating: value.utf8Start), namelen: name.utf8CodeUnitCount,
                valuelen: value.utf8CodeUnitCount, flags: Self.staticName | Self.staticValue))
    }

    func append(_ name: StaticString, _ value: String) {
        let (start, length) = unsafe store(value)
        unsafe append(
            nghttp2_nv(
                name: .init(mutating: name.utf8Start), value: start, namelen: name.utf8CodeUnitCount, valuelen: length,
                flags: Self.staticName))
    }

    /// Adds a value that is not worth remembering by either side of the connection: at most `room` bytes, which `write` puts at the
    /// place it is given, returning their number.
    func append(_ name: StaticString, transient room: Int, _ write: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        if textCount + room > textCapacity { growText(toFit: textCount + room) }
        let start = unsafe text + textCount
        let length = unsafe write(UnsafeMutableBufferPointer(start: start, count: room))
        textCount += length
        unsafe append(
            nghttp2_nv(
                name: .init(mutating: name.utf8Start), value: start, namelen: name.utf8CodeUnitCount, valuelen: length,
                flags: Self.staticName | UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue)))
    }

    func append(_ name: String, _ value: String) {
        // The second may move the first.
        let nameOffset = textCount
        let (_, nameLength) = unsafe store(name)
        let (start, length) = unsafe store(value)
        unsafe append(nghttp2_nv(name: text + nameOffset, value: start, namelen: nameLength, valuelen: length, flags: 0))
    }

    private func store(_ string: String) -> (UnsafeMutablePointer<UInt8>, Int) {
        var string = string
        return string.withUTF8 { bytes in
            if textCount + bytes.count > textCapacity { growText(toFit: textCount + bytes.count) }
            let start = unsafe text + textCount
            if let source = bytes.baseAddress { unsafe start.update(from: source, count: bytes.count) }
            textCount += bytes.count
            return unsafe (start, bytes.count)
        }
    }

    /// Moves the text to a larger place, and the pointers into it with it.
    private func growText(toFit least: Int) {
        textCapacity = max(least, 2 * textCapacity)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: textCapacity)
        unsafe larger.update(from: text, count: textCount)
        for index in 0..<count {
            if unsafe fields[index].flags & Self.staticName == 0 { unsafe fields[index].name = larger + (fields[index].name - text) }
            if unsafe fields[index].flags & Self.staticValue == 0 { unsafe fields[index].value = larger + (fields[index].value - text) }
        }
        unsafe text.deallocate()
        unsafe text = larger
    }

    private func append(_ field: nghttp2_nv) {
        if count == capacity { growFields() }
        unsafe (fields + count).initialize(to: field)
        count += 1
    }

    private func growFields() {
        let larger = UnsafeMutablePointer<nghttp2_nv>.allocate(capacity: 2 * capacity)
        unsafe larger.moveInitialize(from: fields, count: count)
        unsafe fields.deallocate()
        unsafe fields = larger
        capacity *= 2
    }

    /// The fields for one submission. nghttp2 copies what is not static text.
    @unsafe struct Fields {
        let start: UnsafePointer<nghttp2_nv>
        let count: Int
    }

    /// Valid until the next change, and as long as the block is held.
    @unsafe var all: Fields { unsafe Fields(start: UnsafePointer(fields), count: count) }
}
