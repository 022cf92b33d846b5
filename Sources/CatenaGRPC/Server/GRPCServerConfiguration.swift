// SPDX-License-Identifier: Apache-2.0
// What can be set on a server, with defaults that other gRPC implementations share, so that a peer meets no surprise.

/// Limits of a ``GRPCServer``.
public struct GRPCServerConfiguration: Hashable, Sendable {
    /// Longest message accepted, in bytes; 4 MiB unless set, 0 or more. A longer one fails its call with RESOURCE_EXHAUSTED.
    public var maxMessageSize = 4 << 20
    /// Calls a peer may have open at once on one connection; 1000 unless set. More are refused by HTTP/2 before they begin.
    public var maxConcurrentStreams: UInt32 = 1000
    /// Largest block of request metadata accepted, in bytes; 64 KiB unless set. A larger one fails its call with RESOURCE_EXHAUSTED.
    public var maxMetadataSize = 64 << 10
    /// Connections the kernel may hold before they are accepted; 1024 unless set.
    public var backlog: CInt = 1024

    public init() {}
}
