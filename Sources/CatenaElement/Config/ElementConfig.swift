// SPDX-License-Identifier: Apache-2.0
// A config is a value: read once, checked whole, compared in tests. How it is written in chains.json is known in one
// place, the initializer that reads it.

/// The config of an element, or of an object inside one.
///
///     public struct RateConfig: ElementConfig {
///         public let perSecond: Int
///         public init(reading config: ConfigReader) {
///             perSecond = config.int("perSecond", default: 100, in: 1...1_000_000)
///         }
///     }
public protocol ElementConfig: Sendable, Equatable {
    /// Asks the reader for every key once. Mistakes go to the reader, which answers with a stand-in, so that all of them
    /// are found in one run; the value is thrown away if there were any. Keys that were not asked for are mistakes.
    init(reading config: ConfigReader)
}

/// For an element that has no config.
public struct NoConfig: ElementConfig {
    public init() {}
    public init(reading config: ConfigReader) {}
}
