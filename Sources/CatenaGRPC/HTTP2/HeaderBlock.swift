// SPDX-License-Identifier: Apache-2.0
// A list of header fields in the layout nghttp2 reads, so that submitting one costs no conversion. Text known at compile time is
// passed by address (it lives as long as the program); all other text is kept here and copied by nghttp2 in its one allocation.
internal import CNghttp2

/// Header fields ready for nghttp2. Names must be lower-case. Not thread-safe.
@safe final class HeaderBlock {
    private var fields: [nghttp2_nv] = unsafe []
    private var text: [UInt8] = []
    private var offsets: [(name: Int, value: Int)] = []

    init() {}

    /// Makes room for another use without giving the memory back.
    func removeAll() {
        unsafe fields.removeAll(keepingCapacity: true)
        text.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
    }

    func append(_ name: StaticString, _ value: StaticString) {
        unsafe append(
            nghttp2_nv(
                name: .init(mutating: name.utf8Start), value: .init(mutating: value.utf8Start),
                namelen: name.utf8CodeUnitCount, valuelen: value.utf8CodeUnitCount,
                flags: UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)),
            name: -1, value: -1)
    }

    func append(_ name: StaticString, _ value: String) {
        let offset = store(value)
        unsafe append(
            nghttp2_nv(
                name: .init(mutating: name.utf8Start), value: nil,
                namelen: name.utf8CodeUnitCount, valuelen: text.count - offset,
                flags: UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue)),
            name: -1, value: offset)
    }

    func append(_ name: String, _ value: String) {
        let nameOffset = store(name)
        let valueOffset = store(value)
        unsafe append(
            nghttp2_nv(
                name: nil, value: nil, namelen: valueOffset - nameOffset, valuelen: text.count - valueOffset,
                flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)),
            name: nameOffset, value: valueOffset)
    }

    private func store(_ string: String) -> Int {
        let offset = text.count
        text.append(contentsOf: string.utf8)
        return offset
    }

    private func append(_ field: nghttp2_nv, name: Int, value: Int) {
        unsafe fields.append(field)
        offsets.append((name, value))
    }

    /// Lends the fields for one submission. The pointers die with `body`; nghttp2 copies what is not static text.
    func withFields<Result>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result) -> Result {
        unsafe text.withUnsafeMutableBufferPointer { text in
            unsafe fields.withUnsafeMutableBufferPointer { fields in
                if let start = text.baseAddress {
                    for index in offsets.indices {
                        let offset = offsets[index]
                        if offset.name >= 0 { unsafe fields[index].name = start + offset.name }
                        if offset.value >= 0 { unsafe fields[index].value = start + offset.value }
                    }
                }
                return unsafe body(UnsafePointer(fields.baseAddress), fields.count)
            }
        }
    }
}
