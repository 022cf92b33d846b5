// SPDX-License-Identifier: Apache-2.0
// A setting with a fixed list of names. The names are the config's, and need not be the enum's.

/// A type whose values are chosen by name in a config.
public protocol ConfigChoice: CaseIterable, Sendable {
    /// How the value is written in chains.json.
    var configName: String { get }
}

extension ConfigChoice where Self: RawRepresentable<String> {
    /// The raw value.
    public var configName: String { rawValue }
}
