// SPDX-License-Identifier: Apache-2.0
// The memory of a message's bytes, shared by its clones until one of them changes. One object with the bytes behind it: a
// message is made and copied in every call, and a second allocation for the bytes alone would be its greatest cost.

/// Memory for bytes. It has an address that stays, which is what lets elements borrow views and a socket send without a copy.
/// Changed only by a `MessageBytes` that alone holds it.
final class ByteStorage: ManagedBuffer<Void, UInt8> {
    static func make(capacity: Int) -> ByteStorage {
        unsafeDowncast(create(minimumCapacity: capacity) { _ in }, to: ByteStorage.self)  // create makes one of the class it is asked of
    }

    var base: UnsafeMutablePointer<UInt8> { withUnsafeMutablePointerToElements { $0 } }
}
