// SPDX-License-Identifier: Apache-2.0
// A line of the log as a value, with its fields by key: what an element says is part of what it does.
public import CatenaElement

/// A line that an element or the host has written.
public struct LogLine: Sendable, Equatable, CustomStringConvertible {
    /// How much it matters.
    public let level: LogLevel
    /// The instance that wrote it, `bench/labels`; empty where a hook is called without an engine.
    public let origin: String
    /// Constant, lower-case.
    public let text: String
    /// What varies.
    public let fields: [String: String]

    /// `info bench/labels: too soon every=2s`
    public var description: String {
        let more = fields.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        return "\(level) \(origin): \(text)\(more)"
    }
}
