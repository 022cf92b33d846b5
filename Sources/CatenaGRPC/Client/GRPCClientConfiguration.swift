// SPDX-License-Identifier: Apache-2.0
// What can be set on a client, with defaults that other gRPC implementations share.
public import NIOCore

/// Limits of a ``GRPCClient``.
public struct GRPCClientConfiguration: Hashable, Sendable {
    /// Longest wait for one connection attempt, from the resolver to the server's SETTINGS; 5 s unless set.
    public var connectTimeout = TimeAmount.seconds(5)
    /// Pauses between attempts to connect.
    public var backoff = GRPCBackoff()
    /// Longest message accepted, in bytes; 4 MiB unless set, 0 or more. A longer one fails its call with RESOURCE_EXHAUSTED.
    public var maxMessageSize = 4 << 20
    /// Largest block of response metadata or trailers accepted, in bytes; 64 KiB unless set. A larger one fails its call with
    /// RESOURCE_EXHAUSTED.
    public var maxMetadataSize = 64 << 10
    /// What messages are compressed with on their way to the server; nothing unless set. What the server compresses is unpacked always.
    public var compression = GRPCCompression.none
    /// When to ask a silent server for a sign of life; never unless set, since some servers end connections that ask often.
    public var keepalive: GRPCKeepalive?
    /// How long the kernel waits for what was sent over TCP to be acknowledged before it gives the connection up; 20 s unless set,
    /// nil for the system's default, which is many minutes. Finds a server that vanished in mid-call without a PING.
    public var tcpUserTimeout: TimeAmount? = .seconds(20)
    /// The `user-agent` of every request, printable ASCII (gRPC PROTOCOL-HTTP2, "User Agents").
    public var userAgent = "grpc-swift-catena/0.1"

    public init() {}
}
