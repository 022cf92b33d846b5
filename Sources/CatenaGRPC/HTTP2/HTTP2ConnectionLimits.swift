// SPDX-License-Identifier: Apache-2.0
// What time may do to a connection, whichever side it is.
internal import NIOCore

/// Limits in time of an ``HTTP2Connection``.
struct HTTP2ConnectionLimits: Sendable {
    /// When to ask a silent peer for a sign of life; nil for never.
    var keepalive: GRPCKeepalive?
    /// Longest time a peer may take for its preface and first SETTINGS, or for one header block; nil without limit.
    var slowBegin: TimeAmount?

    init() {}
}
