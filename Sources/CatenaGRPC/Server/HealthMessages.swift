// SPDX-License-Identifier: Apache-2.0
// The two messages of the health service have one field each, so they are read and written here by hand rather than with a library.
internal import NIOCore

/// The wire form of `grpc.health.v1`.
enum HealthMessages {
    /// HealthCheckRequest: field 1 `service`, a string (tag 0x0a). Other fields are passed over.
    static func decodeRequest(_ payload: ByteBuffer) -> String? {
        var payload = payload
        var service = ""
        while payload.readableBytes > 0 {
            guard let tag = readVarint(&payload) else { return nil }
            switch tag & 7 {
            case 0: guard readVarint(&payload) != nil else { return nil }
            case 1: guard payload.readSlice(length: 8) != nil else { return nil }
            case 2:
                guard let length = readVarint(&payload), length <= UInt64(payload.readableBytes),
                    let text = payload.readString(length: Int(length))
                else { return nil }
                if tag >> 3 == 1 { service = text }
            case 5: guard payload.readSlice(length: 4) != nil else { return nil }
            default: return nil
            }
        }
        return service
    }

    /// HealthCheckResponse: field 1 `status`, an enum (tag 0x08); left out when 0, as proto3 does.
    static func encodeResponse(_ status: GRPCHealth.ServingStatus) -> ByteBuffer {
        status == .unknown ? ByteBuffer() : ByteBuffer(bytes: [0x08, UInt8(status.rawValue)])
    }

    private static func readVarint(_ buffer: inout ByteBuffer) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = buffer.readInteger(as: UInt8.self) else { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }
}
