// SPDX-License-Identifier: Apache-2.0
// What can be set on a client, with defaults that other gRPC implementations share.
public import NIOCore

/// Limits of a ``GRPCClient``.
public struct GRPCClientConfiguration: Hashable, Sendable {
    /// Longest wait for one connection attempt, from the resolver to the server's SETTINGS; 5 s unless set.
    public var connectTimeout = TimeAmount.seconds(5)
    /// Longest message accepted, in bytes; 4 MiB unless set, 0 or more. A longer one fails its call with RESOURCE_EXHAUSTED.
    public var maxMessageSize = 4 << 20
    /// Largest block of response metadata or trailers accepted, in bytes; 64 KiB unless set. A larger one fails its call with
    /// RESOURCE_EXHAUSTED.
    public var maxMetadataSize = 64 << 10
    /// The `user-agent` of every request, printable ASCII (gRPC PROTOCOL-HTTP2, "User Agents").
    public var userAgent = "grpc-swift-catena/0.1"

    public init() {}
}
