// SPDX-License-Identifier: Apache-2.0
// How the host is to reach a next hop, as one value: what a module does not care about keeps the default that the header names.

/// How a transport connects and what its calls may expect; for ``ClientService/acquire(_:_:)``.
public struct DialOptions: Sendable, Equatable {
    /// Longest attempt to connect, above zero; 5 s unless set.
    public var dialTimeout: Duration
    /// Not shared with anybody.
    public var exclusive: Bool
    /// When a silent next hop is asked for a sign of life; nil: never.
    public var keepalive: Keepalive?
    /// Longest answer in bytes, 1 or more; 4 MiB unless set. A longer one fails its call with RESOURCE_EXHAUSTED.
    public var maxMessageSize: Int
    /// A call waits for a connection until its deadline, instead of failing with the first attempt.
    public var waitForReady: Bool
    /// How long the pauses between attempts to connect are.
    public var backoff: Backoff

    /// The defaults, but for what is named.
    public init(
        dialTimeout: Duration = .seconds(5), exclusive: Bool = false, keepalive: Keepalive? = nil, maxMessageSize: Int = 4 << 20,
        waitForReady: Bool = false, backoff: Backoff = Backoff()
    ) {
        self.dialTimeout = dialTimeout
        self.exclusive = exclusive
        self.keepalive = keepalive
        self.maxMessageSize = maxMessageSize
        self.waitForReady = waitForReady
        self.backoff = backoff
    }

    /// When a next hop counts as gone, although nothing has been heard of its end.
    public struct Keepalive: Sendable, Equatable {
        /// Silence during a call after which it is asked, above zero.
        public var time: Duration
        /// How long it may owe the answer before the connection is given up, above zero; 20 s unless set.
        public var timeout: Duration

        /// Asks after `time`.
        public init(time: Duration, timeout: Duration = .seconds(20)) {
            self.time = time
            self.timeout = timeout
        }
    }

    /// Pauses between attempts to connect. Each is counted from the beginning of the attempt that failed.
    public struct Backoff: Sendable, Equatable {
        /// The first, above zero; 100 ms unless set.
        public var initial: Duration
        /// The longest that it grows to while attempts fail, not below the first; 10 s unless set.
        public var maximum: Duration

        /// From `initial` to `maximum`.
        public init(initial: Duration = .milliseconds(100), maximum: Duration = .seconds(10)) {
            self.initial = initial
            self.maximum = maximum
        }
    }
}
