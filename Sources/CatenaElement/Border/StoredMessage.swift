// SPDX-License-Identifier: Apache-2.0
// A message that closures may capture. An OwnedMessage has one owner and is given away whole, which a closure that may run more than
// once cannot do.
internal import CatenaABI

/// A message that is kept as it is, to make copies of; any thread.
///
/// Unchecked, because it holds a pointer: the message is never changed, and the header allows any thread to copy one.
public final class StoredMessage: @unchecked Sendable {
    private let pointer: OpaquePointer
    private let host: Host

    /// Takes a message over.
    public init(_ message: consuming OwnedMessage) {
        host = message.host
        pointer = message.handOver()
    }

    deinit { host.services.pointee.message.pointee.release(pointer) }

    /// A copy on write, to send.
    public func copy() throws(ElementError) -> OwnedMessage { try Message(pointer, host).copy() }
}
