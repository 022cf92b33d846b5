// SPDX-License-Identifier: Apache-2.0
// The header's views as Swift values, for the fakes.
internal import CatenaABI

extension catena_str {
    var swift: String {
        String(decoding: UnsafeRawBufferPointer(start: ptr, count: ptr == nil ? 0 : len), as: UTF8.self)
    }
}

extension catena_view {
    var swift: [UInt8]? {
        ptr.map { Array(UnsafeBufferPointer(start: $0, count: len)) }
    }
}
