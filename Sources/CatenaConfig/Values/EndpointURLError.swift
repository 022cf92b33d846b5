// SPDX-License-Identifier: Apache-2.0
//
// A URL is refused with a sentence, not with a code: nobody acts on the reason but the person who typed it.
// The same sentence stands under a caret in chains.json and in a module's report on its own config.

/// Why a text is no `EndpointURL`.
public struct EndpointURLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A sentence without a final stop that quotes the text and says what to write instead.
    public let message: String

    init(_ message: String) { self.message = message }

    public var description: String { message }
}
