// SPDX-License-Identifier: Apache-2.0
// A module that cannot be used is refused with one sentence that names the file, the rule and the way out; whoever called the
// loader knows the place in chains.json and puts it in front.

/// Why a module was not loaded.
public struct ModuleError: Error, Sendable, Equatable, Codable, CustomStringConvertible {
    /// What kind of refusal it is. More kinds may come.
    public struct Code: Sendable, Equatable, Codable {
        private enum Value: String, Codable {
            case notFound, cannotOpen, writable, otherHash, entryMissing, wrongMajor, refused, malformed, crashed, stuck
        }
        private let value: Value
        private init(_ value: Value) { self.value = value }

        /// No such file, or no file for that type on the module path.
        public static let notFound = Code(.notFound)
        /// The file cannot be read, or `dlopen` failed.
        public static let cannotOpen = Code(.cannotOpen)
        /// Others than the owner of the host may change the file.
        public static let writable = Code(.writable)
        /// The file is not the one whose hash was given.
        public static let otherHash = Code(.otherHash)
        /// The file exports no entry function of any major.
        public static let entryMissing = Code(.entryMissing)
        /// The module was built for another major of the ABI.
        public static let wrongMajor = Code(.wrongMajor)
        /// The module said no.
        public static let refused = Code(.refused)
        /// The module said yes, but what it offers breaks a rule of the ABI.
        public static let malformed = Code(.malformed)
        /// It ended the process that was to describe it.
        public static let crashed = Code(.crashed)
        /// It did not come back.
        public static let stuck = Code(.stuck)
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
