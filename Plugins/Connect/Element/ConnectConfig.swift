// SPDX-License-Identifier: Apache-2.0
// Which client chain runs toward the next hop, what passes between the two sides, and how the next hop is reached.
// Where it is comes with the call, as a context value.
public import CatenaElement

/// The config of `connect`.
public struct ConnectConfig: ElementConfig {
    /// The client chain that each call runs through.
    public var client = ChainUse()
    /// Whose business the mechanism is.
    public var mechanism = MechanismRule.own
    /// Who shares a transport.
    public var share = Sharing.url
    /// Longest wait for a transport to connect.
    public var dialTimeout = Duration.seconds(5)
    /// Silence during a call after which the next hop is asked for a sign of life; nil: never.
    public var keepalive: Duration?
    /// How long it may owe that sign.
    public var keepaliveTimeout = Duration.seconds(20)
    /// Longest answer of the next hop, in bytes.
    public var maxMessageSize = 4 << 20
    /// A call waits for a connection until its deadline.
    public var waitForReady = false
    /// The first pause between attempts to connect.
    public var backoff = Duration.milliseconds(100)
    /// The longest.
    public var backoffMax = Duration.seconds(10)

    /// With no client chain, which chains.json must give.
    public init() {}

    /// The keys of the config.
    public static let fields: [ConfigField<ConnectConfig>] = [
        .required("client", \.client, .chain, "the client chain that each call runs through"),
        .optional("mechanism", \.mechanism, .choice, "each side agrees on its own mechanism, or mechanism and preferences pass through"),
        .optional("share", \.share, .choice, "connections to one URL share a transport, or each has its own"),
        .optional("dialTimeout", \.dialTimeout, .duration, "longest wait for a transport to connect"),
        .optional("keepalive", \.keepalive, .duration, "silence during a call after which the next hop is asked for a sign of life"),
        .optional("keepaliveTimeout", \.keepaliveTimeout, .duration, "how long it may owe that sign before the connection is given up"),
        .optional("maxMessageSize", \.maxMessageSize, .int(in: 1024...2_147_483_647), "longest answer of the next hop, in bytes"),
        .optional("waitForReady", \.waitForReady, .bool, "a call waits for a connection until its deadline, not only for one attempt"),
        .optional("backoff", \.backoff, .duration, "first pause between attempts to connect"),
        .optional("backoffMax", \.backoffMax, .duration, "longest pause, to which they grow while attempts fail"),
    ]

    public func problems() -> [ConfigProblem] {
        guard backoffMax < backoff else { return [] }
        return [ConfigProblem(at: "/backoffMax", "expected a duration not below \"backoff\" (\"10s\" if not written)")]
    }

    /// How transports are asked for.
    var dialOptions: DialOptions {
        DialOptions(
            dialTimeout: dialTimeout, exclusive: share == .connection,
            keepalive: keepalive.map { DialOptions.Keepalive(time: $0, timeout: keepaliveTimeout) }, maxMessageSize: maxMessageSize,
            waitForReady: waitForReady, backoff: DialOptions.Backoff(initial: backoff, maximum: backoffMax))
    }
}

/// Whose business the mechanism of a connection is.
public enum MechanismRule: String, ConfigChoice {
    /// Each side's own: a forwarder joins two.
    case own
    /// The two ends': it passes through, with the preferences, as in a manager.
    case pass
}

/// Who shares a transport.
public enum Sharing: String, ConfigChoice {
    /// All connections to one URL.
    case url
    /// Nobody: each connection has its own.
    case connection
}
