// SPDX-License-Identifier: Apache-2.0
// Which label is filled from which environment variable. The list of fields is all there is to say: reading, defaults, JSON
// Schema and documentation come from it.
import CatenaElement

/// The config of `labels`.
public struct LabelsConfig: ElementConfig {
    /// From a label's key to the name of an environment variable.
    public var labels: [String: String] = [:]

    /// With no labels, which chains.json must give.
    public init() {}

    /// The keys of the config.
    public static let fields: [ConfigField<LabelsConfig>] = [
        .required("labels", \.labels, .map(of: .text), "from a label's key to the environment variable with its value")
    ]
}
