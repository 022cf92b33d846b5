// SPDX-License-Identifier: Apache-2.0
// The header fields of a response and its trailers, understood as they come. A trailers-only response is both at once, so one type
// reads either, and the stream asks it for a verdict when the server has ended. An object, as RequestHead is and for its reason.

/// Response headers and trailers of one call on a client (gRPC PROTOCOL-HTTP2, "Responses").
final class ResponseHead {
    @safe @exclusivity(unchecked) private(set) var metadata = GRPCMetadata()
    @safe @exclusivity(unchecked) private(set) var statusCode: GRPCStatus.Code?
    @safe @exclusivity(unchecked) private(set) var encoding = MessageEncoding.identity

    @safe @exclusivity(unchecked) private var httpStatus = 0
    @safe @exclusivity(unchecked) private var isGRPC = false
    @safe @exclusivity(unchecked) private var message = ""
    @safe @exclusivity(unchecked) private(set) var size = 0
    @safe @exclusivity(unchecked) private var malformed: String?

    /// Forgets all, for the next block.
    func reset() {
        if !metadata.isEmpty { metadata = GRPCMetadata() }
        statusCode = nil
        if encoding != .identity { encoding = .identity }
        httpStatus = 0
        isGRPC = false
        if !message.isEmpty { message = "" }
        size = 0
        malformed = nil
    }

    func add(name: Span<UInt8>, value: Span<UInt8>, maxSize: Int) {
        size += name.count + value.count + HTTP2Settings.fieldOverhead
        guard size <= maxSize else { return }
        switch name.count {
        case 7 where name.equals(":status"): httpStatus = value.count == 3 ? value.indices.reduce(0) { $0 * 10 + Int(value[$1] &- 0x30) } : 0
        case 12 where name.equals("content-type"): isGRPC = RequestHead.isGRPC(contentType: value)
        case 11 where name.equals("grpc-status"): statusCode = GRPCStatus.Code(wire: value)
        case 12 where name.equals("grpc-message"): message = PercentEncoding.decode(String(copying: value))
        case 13 where name.equals("grpc-encoding"): encoding = MessageEncoding(wire: value)
        default:
            if !metadata.addReceived(name: name, value: value) {
                malformed = "the value of metadata \"\(String(copying: name))\" is not base64"
            }
        }
    }

    /// 1xx: another block of headers follows.
    var isInformational: Bool { (100..<200).contains(httpStatus) }

    /// Whether the response is gRPC so far, and not one that has failed.
    func isUsable(maxSize: Int) -> Bool {
        guard size <= maxSize, malformed == nil else { return false }
        return statusCode.map { $0 == .ok } ?? (httpStatus == 200 && isGRPC)
    }

    /// What makes the response unusable, whatever comes after; nil when it is gRPC so far.
    func failure(maxSize: Int) -> GRPCStatus? {
        if size > maxSize {
            return GRPCStatus(.resourceExhausted, "response metadata of \(size) bytes is above the limit of \(maxSize)")
        }
        if let malformed { return GRPCStatus(.internal, malformed) }
        // With a grpc-status the response is gRPC's, whatever a proxy did to the rest.
        if let status { return status.code == .ok ? nil : status }
        if httpStatus != 200 { return GRPCStatus(.init(httpStatus: httpStatus), "the server answered with HTTP status \(httpStatus)") }
        if !isGRPC { return GRPCStatus(.unknown, "the server's answer is not of content-type application/grpc") }
        return nil
    }

    /// `grpc-status` and `grpc-message`; nil when there was none.
    var status: GRPCStatus? { statusCode.map { GRPCStatus($0, message) } }
}
