// SPDX-License-Identifier: Apache-2.0
// What a client makes of an answer that is HTTP but not gRPC: a proxy's 503, a reset stream. Two tables, copied from the gRPC
// documents and from nowhere else, so that a peer in another language reports the same code for the same accident.

extension GRPCStatus.Code {
    /// The code for a response whose HTTP status is not 200 and that carries no `grpc-status` (gRPC http-grpc-status-mapping).
    package init(httpStatus: Int) {
        switch httpStatus {
        case 400: self = .internal
        case 401: self = .unauthenticated
        case 403: self = .permissionDenied
        case 404: self = .unimplemented
        case 429, 502, 503, 504: self = .unavailable
        default: self = .unknown
        }
    }

    /// The code for a stream that the peer reset (gRPC PROTOCOL-HTTP2, "Errors"). Codes the table leaves out are INTERNAL, as in grpc-go.
    package init(resetBy code: HTTP2ErrorCode) {
        switch code {
        case .refusedStream: self = .unavailable
        case .cancel: self = .cancelled
        case .enhanceYourCalm: self = .resourceExhausted
        case .inadequateSecurity: self = .permissionDenied
        default: self = .internal
        }
    }

    /// The code for the text of a `grpc-status` field; anything but one of the 17 numbers is UNKNOWN.
    package init(wire value: Span<UInt8>) {
        var number = 0
        guard (1...2).contains(value.count) else { self = .unknown; return }
        for index in value.indices {
            guard (0x30...0x39).contains(value[index]) else { self = .unknown; return }
            number = number * 10 + Int(value[index] - 0x30)
        }
        self = Self(rawValue: number) ?? .unknown
    }
}
