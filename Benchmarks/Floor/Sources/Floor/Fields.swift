// SPDX-License-Identifier: Apache-2.0
// Header arrays that are made once and never freed, so that nghttp2 need not copy them.

import CNghttp2

struct Fields: @unchecked Sendable {  // Nobody writes to what it points to.
    static let head = Fields([(":status", "200"), ("content-type", "application/grpc")])
    static let tail = Fields([("grpc-status", "0")])

    let start: UnsafeMutablePointer<nghttp2_nv>
    let count: Int

    private init(_ fields: [(StaticString, StaticString)]) {
        let flags = UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)
        count = fields.count
        start = .allocate(capacity: count)
        for (index, (name, value)) in fields.enumerated() {
            let field = nghttp2_nv(
                name: UnsafeMutablePointer(mutating: name.utf8Start), value: UnsafeMutablePointer(mutating: value.utf8Start),
                namelen: name.utf8CodeUnitCount, valuelen: value.utf8CodeUnitCount, flags: flags)
            (start + index).initialize(to: field)
        }
    }
}
