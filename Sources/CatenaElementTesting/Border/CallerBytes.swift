// SPDX-License-Identifier: Apache-2.0
// A value of a caller's metadata, at an address that stays: the engine lends it to elements while the call is.

/// Unchecked: written in init and only read after.
final class CallerBytes: @unchecked Sendable {
    let buffer: UnsafeBufferPointer<UInt8>

    init(_ text: String) {
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
        _ = copy.initialize(from: text.utf8)
        buffer = UnsafeBufferPointer(copy)
    }

    deinit { buffer.deallocate() }
}
