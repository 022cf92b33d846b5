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

    /// With no client chain, which chains.json must give.
    public init() {}

    /// The keys of the config.
    public static let fields: [ConfigField<ConnectConfig>] = [
        .required("client", \.client, .chain, "the client chain that each call runs through"),
        .optional("mechanism", \.mechanism, .choice, "each side agrees on its own mechanism, or mechanism and preferences pass through"),
        .optional("share", \.share, .choice, "connections to one URL share a transport, or each has its own"),
        .optional("dialTimeout", \.dialTimeout, .duration, "longest wait for a transport to connect"),
    ]
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
