// SPDX-License-Identifier: Apache-2.0
// How much the logging element says. The level is a starting point: the operator may ask for more while the host runs.
public import CatenaElement

/// The config of `logging`.
public struct LoggingConfig: ElementConfig {
    /// The level of this instance.
    public var level = LogLevel.info
    /// Whether lines carry the message as JSON, tokens redacted.
    public var bodies = false
    /// Longest body in bytes; what is cut off is shown by an ellipsis.
    public var maxBytes = 2048

    /// The defaults.
    public init() {}

    /// The keys of the config.
    public static let fields: [ConfigField<LoggingConfig>] = [
        .optional("level", \.level, .choice, "level of this instance"),
        .optional("bodies", \.bodies, .bool, "whether lines carry the message"),
        .optional("maxBytes", \.maxBytes, .int(in: 64...1_048_576), "longest body in bytes; what is cut off is shown by `…`"),
    ]
}
