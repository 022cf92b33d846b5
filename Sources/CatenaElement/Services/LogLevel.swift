// SPDX-License-Identifier: Apache-2.0
// The levels of the host's log. An operator may ask for more while the host runs, so that a level is asked for on every
// line and never remembered.

/// How much a line matters; `.error` most.
public enum LogLevel: UInt32, Sendable, CaseIterable {
    case error = 1
    case warning
    case info
    case debug
    case trace
}

extension LogLevel: ConfigChoice {
    public var configName: String { "\(self)" }
}
