// SPDX-License-Identifier: Apache-2.0
// A module that cannot be used is refused with one sentence that names the file, the rule and the way out; whoever called the
// loader knows the place in chains.json and puts it in front.

/// Why a module was not loaded.
public struct ModuleError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of refusal it is. More kinds may come.
    public struct Code: Sendable, Equatable {
        private enum Value { case notFound, cannotOpen, entryMissing, wrongMajor, refused, malformed }
        private let value: Value
        private init(_ value: Value) { self.value = value }

        /// No such file, or no file for that type on the module path.
        public static let notFound = Code(.notFound)
        /// `dlopen` failed.
        public static let cannotOpen = Code(.cannotOpen)
        /// The file exports no entry function of any major.
        public static let entryMissing = Code(.entryMissing)
        /// The module was built for another major of the ABI.
        public static let wrongMajor = Code(.wrongMajor)
        /// The module said no.
        public static let refused = Code(.refused)
        /// The module said yes, but what it offers breaks a rule of the ABI.
        public static let malformed = Code(.malformed)
    }

    public let code: Code
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
