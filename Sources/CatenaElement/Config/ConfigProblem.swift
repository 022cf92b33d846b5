// SPDX-License-Identifier: Apache-2.0
// One mistake in an element's config. The host turns the pointer into file, line and column, so that a module's problem
// looks like the host's own.

/// A mistake in a config, and where.
public struct ConfigProblem: Error, Equatable, Sendable {
    /// RFC 6901 pointer into the element's own config; empty for all of it.
    public let pointer: String
    /// What was expected, what was found, and if possible the way out.
    public let message: String

    /// - Parameters:
    ///   - pointer: RFC 6901, into the config of this element or object; empty for all of it.
    ///   - message: what was expected, what was found, and if possible the way out.
    public init(at pointer: String = "", _ message: String) {
        self.pointer = pointer
        self.message = message
    }

    /// As ``init(at:_:)``, with the keys on the way to the value in place of a pointer that has to be escaped.
    public init(at keys: [String], _ message: String) {
        self.init(at: keys.reduce("", Self.pointer), message)
    }
}

extension ConfigProblem {
    /// RFC 6901: `~` and `/` in a key are written `~0` and `~1`.
    static func pointer(_ parent: String, _ key: String) -> String {
        var text = parent + "/"
        for character in key {
            switch character {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.append(character)
            }
        }
        return text
    }
}
