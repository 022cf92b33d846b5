// SPDX-License-Identifier: Apache-2.0
// One mistake in an element's config. The host turns the pointer into file, line and column, so that a module's problem
// looks like the host's own.

/// A mistake in a config, and where.
public struct ConfigProblem: Error, Equatable, Sendable {
    /// RFC 6901 pointer into the element's own config; empty for all of it.
    public let pointer: String
    /// What was expected, what was found, and if possible the way out.
    public let message: String

    public init(at pointer: String = "", _ message: String) {
        self.pointer = pointer
        self.message = message
    }
}
