// SPDX-License-Identifier: Apache-2.0
//
// The one error of this module: it carries everything that is wrong, so that nobody has to fix a file one run at a time.
// A program that catches it prints its description and exits with 78.

/// A configuration that cannot be used, with all its problems in the order of the file.
public struct ConfigError: Error, Sendable, Equatable, CustomStringConvertible {
    /// At least one error; warnings may stand beside it.
    public let diagnostics: [Diagnostic]
    /// What could be read all the same, to find in it what only modules know; nil when that is nothing. Not to be run.
    public let readable: ChainsFile?

    public init(_ diagnostics: [Diagnostic], readable: ChainsFile? = nil) {
        self.diagnostics = diagnostics.sortedByPosition()
        self.readable = readable
    }

    public static func == (one: ConfigError, other: ConfigError) -> Bool { one.diagnostics == other.diagnostics }

    /// All diagnostics as people read them.
    public var description: String { diagnostics.renderedText() }
}
