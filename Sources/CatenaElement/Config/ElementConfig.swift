// SPDX-License-Identifier: Apache-2.0
// A config is a value: read once, checked whole, compared in tests. What may be written in chains.json is declared once, as a
// list of fields; decoder, defaults, JSON Schema and documentation are all made from that list, so that they cannot differ.

/// The config of an element, or of an object inside one.
///
///     public struct RateConfig: ElementConfig {
///         public var perSecond = 100
///         public var name = ""
///
///         public init() {}
///         public static let fields: [ConfigField<RateConfig>] = [
///             .optional("perSecond", \.perSecond, .int(in: 1...1_000_000), "Requests in a second"),
///             .required("name", \.name, .text, "whose Requests are counted"),
///         ]
///     }
///
/// Every mistake of a user is reported, with its place, in one run. Keys that no field declares are mistakes too, but for
/// those that begin with `x-`, which are the user's own.
public protocol ElementConfig: Sendable, Equatable {
    /// The config of an element for which nothing is written: the defaults. A required key has a placeholder here, which
    /// no element ever sees.
    init()

    /// Every key, in the order in which people should read them.
    static var fields: [ConfigField<Self>] { get }

    /// What is wrong with values that are each right for themselves, as an upper bound below a lower one. Asked after all
    /// keys were read without a mistake; pointers begin at this object, `"/min"`. This is the one thing that no schema says.
    func problems() -> [ConfigProblem]
}

extension ElementConfig {
    /// Nothing.
    public func problems() -> [ConfigProblem] { [] }

    /// The JSON Schema (2020-12) of this object, as text.
    public static var schema: String { ConfigSchema.object(of: Self.self).text }

    /// A Markdown table of all keys: value, default, meaning. The README of a module shows it.
    public static var documentation: String { ConfigDocumentation.table(of: Self.self) }
}

/// For an element that has no config.
public struct NoConfig: ElementConfig {
    /// The only value.
    public init() {}
    /// None.
    public static var fields: [ConfigField<NoConfig>] { [] }
}
