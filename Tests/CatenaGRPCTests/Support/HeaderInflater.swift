// SPDX-License-Identifier: Apache-2.0
// Header blocks of ours read by nghttp2's own decoder, alone: it shares nothing with the session that wrote them.
import CNghttp2

/// nghttp2's HPACK decoder, for one connection. Unchecked because a connection is read by one test, one frame after the other.
@safe final class HeaderInflater: @unchecked Sendable {
    private let inflater: OpaquePointer

    init() throws {
        var inflater: OpaquePointer?
        guard unsafe nghttp2_hd_inflate_new(&inflater) == 0, let inflater = unsafe inflater else { throw CancellationError() }
        unsafe self.inflater = inflater
    }

    deinit { unsafe nghttp2_hd_inflate_del(inflater) }

    func decode(_ block: [UInt8]) throws -> [(String, String)] {
        var fields: [(String, String)] = []
        var position = 0
        var flags: CInt = 0
        repeat {
            var field = unsafe nghttp2_nv()
            flags = 0
            let used = unsafe block.withUnsafeBufferPointer { block in
                unsafe nghttp2_hd_inflate_hd2(
                    inflater, &field, &flags, block.baseAddress.map { unsafe $0 + position }, block.count - position, 1)
            }
            guard used >= 0 else { throw CancellationError() }
            position += used
            if flags & CInt(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
                let name = unsafe String(decoding: UnsafeBufferPointer(start: field.name, count: field.namelen), as: UTF8.self)
                let value = unsafe String(decoding: UnsafeBufferPointer(start: field.value, count: field.valuelen), as: UTF8.self)
                fields.append((name, value))
            }
        } while flags & CInt(NGHTTP2_HD_INFLATE_FINAL.rawValue) == 0 && (flags != 0 || position < block.count)
        unsafe nghttp2_hd_inflate_end_headers(inflater)
        return fields
    }
}
