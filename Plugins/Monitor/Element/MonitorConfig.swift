// SPDX-License-Identifier: Apache-2.0
// How far a subscriber may fall behind before it has to begin anew.
public import CatenaElement

/// The config of `monitor`.
public struct MonitorConfig: ElementConfig {
    /// Of how many connections a subscriber may leave news unread.
    public var queue = 4096

    /// The default.
    public init() {}

    /// The keys of the config.
    public static let fields: [ConfigField<MonitorConfig>] = [
        .optional("queue", \.queue, .int(in: 1...1_048_576), "of how many connections a subscriber may leave news unread")
    ]
}
