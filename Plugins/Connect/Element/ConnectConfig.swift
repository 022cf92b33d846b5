// SPDX-License-Identifier: Apache-2.0
// Which client chain runs toward the next hop, and how long a dial may take.
// Where the next hop is comes with the call, as a context value.
public import CatenaElement

/// The config of `connect`.
public struct ConnectConfig: ElementConfig {
    /// The client chain that each call runs through.
    public var client = ChainUse()
    /// Longest wait for a transport to connect.
    public var dialTimeout = Duration.seconds(5)

    /// With no client chain, which chains.json must give.
    public init() {}

    /// The keys of the config.
    public static let fields: [ConfigField<ConnectConfig>] = [
        .required("client", \.client, .chain, "the client chain that each call runs through"),
        .optional("dialTimeout", \.dialTimeout, .duration, "longest wait for a transport to connect"),
    ]
}
