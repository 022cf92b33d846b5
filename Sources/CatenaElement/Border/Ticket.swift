// SPDX-License-Identifier: Apache-2.0
// What remains of a pending hook. It names that one hook, so that a second or late use moves nothing and says so.
internal import CatenaABI

/// The right, and the duty, to answer a hook that said ``Verdict/pending``.
public struct Ticket: Hashable, Sendable {
    /// The number of this hook, for what this kit does not wrap.
    public let call: UInt64
    @usableFromInline let host: Host

    @inlinable
    init(call: UInt64, host: Host) {
        self.call = call
        self.host = host
    }

    /// Answers the hook. Any thread; runs no hook inside itself.
    /// - Returns: false: the hook has been answered already, and nothing was done.
    @discardableResult
    public func resume(_ resumption: Resumption) -> Bool {
        switch resumption {
        case .next: answer(CATENA_NEXT, nil)
        case .done: answer(CATENA_DONE, nil)
        case .fail(let error): error.withC { answer(CATENA_FAIL, $0) }
        }
    }

    private func answer(_ verdict: catena_verdict, _ error: UnsafePointer<catena_error>?) -> Bool {
        host.pointer.pointee.resume(host.pointer, call, verdict, error) == CATENA_OK
    }

    /// The message of the call while it is pending; nil: it is not any more. On the connection's loop only.
    public func withMessage<R, E: Error>(_ body: (borrowing Message) throws(E) -> R) throws(E) -> R? {
        guard let pointer = host.services.pointee.call.pointee.message(host.pointer, call) else { return nil }
        return try body(Message(pointer, host))
    }

    /// Whether both name the same hook of the same call.
    public static func == (left: Ticket, right: Ticket) -> Bool { left.call == right.call }
    /// By the number.
    public func hash(into hasher: inout Hasher) { hasher.combine(call) }
}
