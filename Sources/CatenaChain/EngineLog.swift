// SPDX-License-Identifier: Apache-2.0
// Where lines of the engine and of its elements go. The engine only says what happened, who said so, and how much it matters.

/// How much a line matters.
public enum LogLevel: UInt32, Sendable, Comparable, CaseIterable {
    case error = 1
    case warning, info, debug, trace

    public static func < (one: LogLevel, other: LogLevel) -> Bool { one.rawValue < other.rawValue }
}

/// Takes lines. May be called from any thread, and must not block for long.
public protocol LogSink: Sendable {
    /// - Parameters:
    ///   - origin: instance path such as `forwarder/connect`, or the name of a chain.
    ///   - text: constant and lower-case; what varies is in the fields.
    func write(_ level: LogLevel, origin: String, text: String, fields: [(key: String, value: String)])
}
