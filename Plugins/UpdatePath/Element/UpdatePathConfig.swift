// SPDX-License-Identifier: Apache-2.0
// The name under which a chain enters the path. Every host of a domain has its own; there is no default that could be
// right twice.
public import CatenaElement

/// The config of `updatepath`.
public struct UpdatePathConfig: ElementConfig {
    /// The name of this chain's path segment; required, not empty.
    public var name: String

    public init(name: String) { self.name = name }

    public init(reading config: ConfigReader) {
        name = config.string("name")
    }
}
