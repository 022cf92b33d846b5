// SPDX-License-Identifier: Apache-2.0
// A message that belongs to the element. It has one owner and is released when that lets go of it, so that it can neither
// leak nor be released twice.
internal import CatenaABI

/// A copy of a message, to keep or to send.
public struct OwnedMessage: ~Copyable {
    private let pointer: OpaquePointer
    let host: Host

    init(_ pointer: OpaquePointer, _ host: Host) {
        self.pointer = pointer
        self.host = host
    }

    deinit { host.services.pointee.message.pointee.release(pointer) }

    /// Lent, to be read and changed.
    public var message: Message {
        _read { yield Message(pointer, host) }
    }

    /// To a function that takes the message over, also when it refuses.
    consuming func handOver() -> OpaquePointer {
        let pointer = pointer
        discard self
        return pointer
    }
}
