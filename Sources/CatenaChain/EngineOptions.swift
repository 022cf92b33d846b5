// SPDX-License-Identifier: Apache-2.0
// The times that the engine's laws speak of, in one place and with their defaults, so that a test can shorten them.

/// Times of an engine, all in nanoseconds.
public struct EngineOptions: Sendable, Equatable {
    /// How long a Close may take, counted anew for each, whatever its caller's deadline. 30 s unless set.
    public var closeTimeout: UInt64 = 30_000_000_000
    /// How long a Request may run on below the anchor after its caller's deadline. 15 s unless set.
    public var grace: UInt64 = 15_000_000_000
    /// How long a connection is kept whose first Request succeeded after its caller had left. 30 s unless set.
    public var orphanTimeout: UInt64 = 30_000_000_000
    /// How long a Request that an element began may take. 15 s unless set.
    public var eventTimeout: UInt64 = 15_000_000_000

    /// How long an element may hold a call after it was told that its answer is not waited for any more; then it is answered for.
    /// 5 s unless set.
    public var resumeTimeout: UInt64 = 5_000_000_000

    public init() {}
}
