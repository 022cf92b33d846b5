// SPDX-License-Identifier: Apache-2.0
// How much the logging element says. The level is a starting point: the operator may ask for more while the host runs.
public import CatenaElement

/// The config of `logging`.
public struct LoggingConfig: ElementConfig {
    /// The level of this instance.
    public var level: LogLevel
    /// Whether lines carry the message as JSON, tokens redacted.
    public var bodies: Bool
    /// Longest body in bytes, 64 to 1,048,576; what is cut off is shown by an ellipsis.
    public var maxBytes: Int

    public init(level: LogLevel = .info, bodies: Bool = false, maxBytes: Int = 2048) {
        self.level = level
        self.bodies = bodies
        self.maxBytes = maxBytes
    }

    public init(reading config: ConfigReader) {
        let usual = LoggingConfig()
        level = config.choice("level", default: usual.level)
        bodies = config.bool("bodies", default: usual.bodies)
        maxBytes = config.int("maxBytes", default: usual.maxBytes, in: 64...1_048_576)
    }
}
