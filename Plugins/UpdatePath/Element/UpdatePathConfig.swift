// SPDX-License-Identifier: Apache-2.0
// The name under which a chain enters the path. Every host of a domain has its own; there is no default that could be
// right twice.
public import CatenaElement

/// The config of `updatepath`.
public struct UpdatePathConfig: ElementConfig {
    /// The name of this chain's path segment.
    public var name = ""

    /// With no name, which chains.json must give.
    public init() {}

    /// The keys of the config.
    public static let fields: [ConfigField<UpdatePathConfig>] = [
        .required("name", \.name, .text, "name of this chain's path segment")
    ]
}
