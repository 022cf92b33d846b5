// SPDX-License-Identifier: Apache-2.0
// The pauses between attempts to connect, named as the gRPC document on connection backoff names them.
public import NIOCore

/// How long a ``GRPCClient`` waits between attempts to connect (gRPC connection-backoff).
public struct GRPCBackoff: Hashable, Sendable {
    /// From the beginning of the first attempt that failed to the next; 100 ms unless set, 0 or more. A call that does not wait for
    /// a connection can bring about an attempt of its own after this time, however long the pause has become.
    public var initial = TimeAmount.milliseconds(100)
    /// What each pause is multiplied by for the next; 1.6 unless set, 1 or more.
    public var factor = 1.6
    /// The longest pause; 10 s unless set.
    public var maximum = TimeAmount.seconds(10)
    /// Share by which a pause may be longer or shorter, by chance, so that many clients of a server do not return at once; 0.2 unless
    /// set, 0 to 1.
    public var jitter = 0.2

    public init() {}
}
