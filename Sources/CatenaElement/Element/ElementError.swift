// SPDX-License-Identifier: Apache-2.0
// Why one Request or Close failed, as a value that may be kept and passed on. It is copied whole from the host and back,
// causes included, so that an error an element only hands through keeps the name of the one that began it.

/// The failure of one call.
public struct ElementError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Its gRPC code, which decides what callers do next.
    public var code: Code
    /// For people; without the element's name, which is the ``origin``.
    public var text: String
    /// Instance path of the element that began it, `forwarder/connect`. Empty for a new error: the host fills it in.
    public var origin: String
    /// What the next hop answered was not seen: the call may have taken effect there.
    public var isIndefinite: Bool
    /// Said by a guard: nothing below was reached, nothing has changed.
    public var isRefusal: Bool
    private var causes: [ElementError]

    /// A new error.
    /// - Parameters:
    ///   - text: for people, lower-case, without the element's name.
    ///   - cause: the error this one came of.
    public init(_ code: Code, _ text: String, cause: ElementError? = nil) {
        self.code = code
        self.text = text
        origin = ""
        isIndefinite = false
        isRefusal = false
        causes = cause.map { [$0] } ?? []
    }

    /// The error this one replaced on its way out, or was caused by.
    public var cause: ElementError? {
        get { causes.first }
        set { causes = newValue.map { [$0] } ?? [] }
    }

    /// `NOT_FOUND: no such endpoint`.
    public var description: String { "\(code): \(text)" }
}
