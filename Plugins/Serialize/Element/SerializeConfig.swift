// SPDX-License-Identifier: Apache-2.0
// How long a queue may grow. A bound keeps a connection whose next hop hangs from filling the host with its callers.
public import CatenaElement

/// The config of `serialize`.
public struct SerializeConfig: ElementConfig {
    /// Most Requests that wait for one connection. A Close is never counted.
    public var queue = 128

    /// The defaults.
    public init() {}

    /// The keys of the config.
    public static let fields: [ConfigField<SerializeConfig>] = [
        .optional("queue", \.queue, .int(in: 1...65_536), "most Requests that wait for one connection; a Close is never counted")
    ]
}
