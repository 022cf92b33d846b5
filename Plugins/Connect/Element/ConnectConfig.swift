// SPDX-License-Identifier: Apache-2.0
// Which client chain runs toward the next hop, and how long a dial may take.
// Where the next hop is comes with the call, as a context value.
public import CatenaElement

/// The config of `connect`.
public struct ConnectConfig: ElementConfig {
    /// The client chain that each call runs through; required.
    public var client: ChainUse
    /// Longest wait for a transport to connect, above zero.
    public var dialTimeout: Duration

    public init(reading config: ConfigReader) {
        client = config.chain("client")
        dialTimeout = config.duration("dialTimeout", default: .seconds(5))
    }
}
