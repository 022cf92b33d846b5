// SPDX-License-Identifier: Apache-2.0
// The memory of a message, shared by its clones until one of them changes. One object with the index and the bytes in it: messages
// are made and cloned in every call, so that a clone is to be a few words and a change one allocation.

/// Memory for an index and bytes. It has an address that stays, which is what lets elements borrow views and a socket send
/// without a copy. Changed only by a `MessageBytes` that alone holds it.
final class ByteStorage: ManagedBuffer<ByteStorageHead, UInt8> {
    static func make(_ head: ByteStorageHead) -> ByteStorage {
        let made = create(minimumCapacity: head.capacity) { _ in head }
        return unsafeDowncast(made, to: ByteStorage.self)  // create makes one of the class it is asked of
    }
}

/// What stands in front of the bytes.
struct ByteStorageHead {
    let capacity: Int
    var count: Int
    var index: MessageIndex
}
