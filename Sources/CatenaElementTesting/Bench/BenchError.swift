// SPDX-License-Identifier: Apache-2.0
// Why a bench could not be made. It has the sentences of the host, so that a test may also state what a wrong config is told.
public import CatenaElement

/// Why an element cannot be tested as asked: it is refused by the engine, or its config is wrong.
public struct BenchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where, if it is about one element: `bench/labels`.
    public let element: String
    /// What is wrong with configs, as pointers into the element's own.
    public let problems: [ConfigProblem]
    /// All of it, for people.
    public let description: String

    init(_ text: String, element: String = "", problems: [ConfigProblem] = []) {
        description = text
        self.element = element
        self.problems = problems
    }
}
