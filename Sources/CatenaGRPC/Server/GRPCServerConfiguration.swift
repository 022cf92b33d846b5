// SPDX-License-Identifier: Apache-2.0
// What can be set on a server, with defaults that other gRPC implementations share, so that a peer meets no surprise.
public import NIOCore

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
    /// When to ask a silent client for a sign of life; every 2 hours unless set, nil for never.
    public var keepalive: GRPCKeepalive? = GRPCKeepalive(time: .hours(2), withoutCalls: true)
    /// How long the kernel waits for what was sent over TCP to be acknowledged before it gives the connection up; 20 s unless set,
    /// nil for the system's default, which is many minutes.
    public var tcpUserTimeout: TimeAmount? = .seconds(20)
    /// Age at which a connection is ended, once its calls have; a tenth more or less. No limit unless set, more than 0.
    public var maxConnectionAge: TimeAmount?
    /// How long the calls of a connection that is too old may go on. No limit unless set, 0 or more.
    public var maxConnectionAgeGrace: TimeAmount?
    /// Longest time for a client's HTTP/2 preface and settings, and for one block of headers; 10 s unless set. Guards against peers
    /// that begin and do not go on.
    public var slowBeginTimeout = TimeAmount.seconds(10)

    /// Longest wait for the answer to the PING that follows the first GOAWAY of a connection that is to end.
    package var noticeTimeout = TimeAmount.seconds(1)

    public init() {}
}
