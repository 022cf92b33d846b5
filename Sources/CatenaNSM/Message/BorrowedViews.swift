// SPDX-License-Identifier: Apache-2.0
// The views of the C ABI as buffers and back. What was received is read through the buffer's Span during that call, as the
// ABI says of everything borrowed.

internal import CatenaABI

extension catena_view {
    static let absent = catena_view(ptr: nil, len: 0)

    init(_ bytes: UnsafeRawBufferPointer?) {
        self.init(ptr: bytes?.bindMemory(to: UInt8.self).baseAddress, len: bytes?.count ?? 0)
    }

    /// nil: absent.
    var buffer: UnsafeBufferPointer<UInt8>? {
        ptr.map { UnsafeBufferPointer(start: $0, count: len) }
    }
}

extension catena_str {
    init(_ bytes: UnsafeRawBufferPointer) {
        self.init(ptr: bytes.bindMemory(to: CChar.self).baseAddress, len: bytes.count)
    }

    var buffer: UnsafeBufferPointer<UInt8> {
        guard let ptr else { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: ptr, count: len).bindMemory(to: UInt8.self)
    }
}

extension catena_segment {
    init(_ places: SegmentPlaces, in message: Message) {
        self.init(
            name: catena_str(message.view(places.name)), id: catena_str(message.view(places.id)),
            token: catena_str(message.view(places.token)), expires_unix_ns: places.expiry ?? .min)
    }
}
