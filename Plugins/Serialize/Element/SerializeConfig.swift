// SPDX-License-Identifier: Apache-2.0
// How long a queue may grow. A bound keeps a connection whose next hop hangs from filling the host with its callers.
public import CatenaElement

/// The config of `serialize`.
public struct SerializeConfig: ElementConfig {
    /// Most Requests that wait for one connection, 1 to 65,536. A Close is never counted.
    public var queue: Int

    public init(queue: Int = 128) { self.queue = queue }

    public init(reading config: ConfigReader) {
        queue = config.int("queue", default: SerializeConfig().queue, in: 1...65_536)
    }
}
