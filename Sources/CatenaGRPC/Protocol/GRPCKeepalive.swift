// SPDX-License-Identifier: Apache-2.0
// When to ask a silent peer whether it is there. The same on both sides; only the defaults differ, as in other gRPC implementations.
public import NIOCore

/// Keepalive by HTTP/2 PING (gRPC proposal A8).
public struct GRPCKeepalive: Hashable, Sendable {
    /// Silence after which a PING is sent; the look is taken at this interval, so it may be up to twice as long. More than 0.
    ///
    /// A grpc-go server ends a connection that it did not allow to ask more often than every 5 minutes.
    public var time: TimeAmount
    /// How long a PING may stay without a sign of life before the connection is given up. More than 0.
    public var timeout: TimeAmount
    /// Also while no call is open.
    public var withoutCalls: Bool

    public init(time: TimeAmount, timeout: TimeAmount = .seconds(20), withoutCalls: Bool = false) {
        self.time = time
        self.timeout = timeout
        self.withoutCalls = withoutCalls
    }
}
