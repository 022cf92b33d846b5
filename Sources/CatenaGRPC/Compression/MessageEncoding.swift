// SPDX-License-Identifier: Apache-2.0
// How the messages of one direction of a call may be compressed. Every message still says for itself whether it is.
internal import NIOCore

/// The value of `grpc-encoding` (gRPC compression, "Compression Method Supported by gRPC").
package enum MessageEncoding: Equatable, Sendable {
    case identity
    case gzip
    /// One that we cannot read.
    case unknown(String)

    /// What we announce as `grpc-accept-encoding`.
    static let accepted: StaticString = "identity,gzip"
    /// A message shorter than this is sent as it is: gzip's own frame would eat the gain.
    private static let leastWorth = 512

    /// Looks without a copy, as `==` does not.
    var isIdentity: Bool { if case .identity = self { true } else { false } }
    var isGzip: Bool { if case .gzip = self { true } else { false } }

    init(wire value: Span<UInt8>) {
        if value.equals("identity") { self = .identity } else if value.equals("gzip") { self = .gzip } else {
            self = .unknown(String(copying: value))
        }
    }

    /// The message as it is sent.
    func outbound(_ payload: consuming GRPCPayload) -> OutboundMessage {
        guard isGzip, payload.count >= Self.leastWorth, let packed = Gzip.pack(payload.buffer), packed.readableBytes < payload.count
        else { return OutboundMessage(payload) }
        return OutboundMessage(GRPCPayload(packed), isCompressed: true)
    }
}
