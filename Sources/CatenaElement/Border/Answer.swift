// SPDX-License-Identifier: Apache-2.0
// How a client call has ended: an error, or a message that is lent. It cannot be kept, as the message goes back to the
// host when the completion returns.

/// The end of a client call, for the length of its completion.
public struct Answer: ~Copyable {
    /// nil: it has succeeded.
    public let error: ElementError?
    private let pointer: OpaquePointer?
    private let host: Host

    init(error: ElementError?, _ pointer: OpaquePointer?, _ host: Host) {
        self.error = error
        self.pointer = pointer
        self.host = host
    }

    /// Lends the message that came back.
    /// - Throws: why there is none.
    public func withMessage<R: ~Copyable>(_ body: (borrowing Message) throws(ElementError) -> R) throws(ElementError) -> R {
        if let error { throw error }
        guard let pointer else { throw ElementError(.internal, "the host answered a call with no message") }
        return try body(Message(pointer, host))
    }
}
