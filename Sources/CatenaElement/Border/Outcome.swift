// SPDX-License-Identifier: Apache-2.0
// How the part of the chain below has ended. On success it is one null pointer; the error is copied only for those who ask
// for it.
internal import CatenaABI

/// What came back from below, for the length of one reply hook.
public struct Outcome: ~Copyable {
    private let pointer: UnsafePointer<catena_error>?

    init(_ pointer: UnsafePointer<catena_error>?) { self.pointer = pointer }

    /// Whether it failed; asks without copying the error.
    public var failed: Bool { pointer != nil }

    /// A copy of why it failed; nil on success.
    public var error: ElementError? { pointer.map { ElementError(copying: $0) } }
}
