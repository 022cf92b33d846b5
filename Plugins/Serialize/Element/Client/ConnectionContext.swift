// SPDX-License-Identifier: Apache-2.0
// A connection context taken apart as far as the merge needs: its four plain fields, the map, and the rest. Inside of a field
// nothing is read.

/// `connectioncontext.ConnectionContext`. Equal: the same fields, whatever their order; unknown ones do not count.
struct ConnectionContext: Equatable {
    /// ip_context 1, dns_context 2, ethernet_context 3 and MTU 5, each as its bytes on the wire, tags included.
    var fields: [UInt32: [UInt8]] = [:]
    /// extra_context, with the values' bytes.
    var extra: [String: [UInt8]] = [:]
    /// Fields that have no name here, as they stand on the wire.
    private(set) var unknown: [UInt8] = []

    static func == (left: ConnectionContext, right: ConnectionContext) -> Bool {
        left.fields == right.fields && left.extra == right.extra
    }

    /// nil: this is not protobuf.
    init?(_ bytes: [UInt8]) {
        var reader = WireReader(bytes[...])
        while !reader.isAtEnd {
            guard let field = reader.next() else { return nil }
            switch (field.number, field.wireType) {
            // A field that comes twice is one field: the parts of a message add up, and of a number the last one counts.
            case (1, 2), (2, 2), (3, 2), (5, 0): fields[field.number, default: []] += field.whole
            case (4, 2):
                guard let (key, value) = Self.entry(field.content) else { return nil }
                extra[key] = value
            default: unknown += field.whole
            }
        }
    }

    private static func entry(_ bytes: ArraySlice<UInt8>) -> (String, [UInt8])? {
        var reader = WireReader(bytes), key = "", value: [UInt8] = []
        while !reader.isAtEnd {
            guard let field = reader.next() else { return nil }
            switch (field.number, field.wireType) {
            case (1, 2): key = String(decoding: field.content, as: UTF8.self)
            case (2, 2): value = Array(field.content)
            default: break
            }
        }
        return (key, value)
    }

    /// On the wire; the map in the order of its keys.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for (_, field) in fields.sorted(by: { $0.key < $1.key }) { bytes += field }
        for (key, value) in extra.sorted(by: { $0.key < $1.key }) {
            let entry = WireReader.field(1, Array(key.utf8)) + WireReader.field(2, value)
            bytes += WireReader.field(4, entry)
        }
        return bytes + unknown
    }
}
