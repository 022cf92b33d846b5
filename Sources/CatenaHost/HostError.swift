// SPDX-License-Identifier: Apache-2.0
// Why a host did not start. A caller prints it and ends with the code that sysexits.h has for it; nothing half-started is left.

public import CatenaConfig

/// Why a host could not start or be reached.
public struct HostError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure. More may come.
    public struct Code: Sendable, Equatable {
        private enum Value { case config, unavailable }
        private let value: Value
        private init(_ value: Value) { self.value = value }

        /// The chains cannot be run as they are written.
        public static let config = Code(.config)
        /// Something outside is in the way: an address in use, a host that does not answer.
        public static let unavailable = Code(.unavailable)
    }

    public let code: Code
    public let message: String
    /// Every problem that has a place in the file; `message` shows them.
    public let diagnostics: [Diagnostic]

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
        diagnostics = []
    }

    /// The chains cannot be run as they are written.
    init(_ error: ConfigError) {
        self.init(.config, error.diagnostics)
    }

    /// Problems at their places in the file.
    init(_ code: Code, _ diagnostics: [Diagnostic]) {
        self.code = code
        message = diagnostics.renderedText()
        self.diagnostics = diagnostics
    }

    public var description: String { message }
}
