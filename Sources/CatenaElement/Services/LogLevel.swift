// SPDX-License-Identifier: Apache-2.0
// The levels of the host's log. An operator may ask for more while the host runs, so that a level is asked for on every
// line and never remembered.

/// How much a line matters; `.error` most.
public enum LogLevel: UInt32, Sendable, CaseIterable {
    /// Something failed.
    case error = 1
    /// Something is odd, and work goes on.
    case warning
    /// What an operator wants to know of each call.
    case info
    /// What its author wants to know.
    case debug
    /// Every step.
    case trace
}

extension LogLevel: ConfigChoice {
    /// The name of the level: `info`.
    public var configName: String { "\(self)" }
}
