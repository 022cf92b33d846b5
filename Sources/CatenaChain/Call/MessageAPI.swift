// SPDX-License-Identifier: Apache-2.0
// To the engine a message is a number it can clone, release and ask for its id: what a message is made of is the business of
// whoever provides "message/1". The engine uses that table as any element does.

package import CatenaABI

/// An owned message: released when this value goes.
///
/// Hands a message from one loop to another. A message belongs to one call, and a call runs on one loop at a time, so nobody
/// touches it from two threads at once.
package struct OwnedMessage: ~Copyable, @unchecked Sendable {  // the sentence above
    package let pointer: OpaquePointer
    private let api: UnsafePointer<catena_message_api>

    /// Takes the reference over.
    package init(takingOver pointer: OpaquePointer, api: UnsafePointer<catena_message_api>) {
        self.pointer = pointer
        self.api = api
    }

    /// A copy on write of a message that somebody else owns.
    package init(cloneOf pointer: OpaquePointer, api: UnsafePointer<catena_message_api>) {
        // "message/1" promises a message, always.
        self.init(takingOver: api.pointee.clone(pointer).unsafelyUnwrapped, api: api)
    }

    deinit { api.pointee.release(pointer) }

    /// A copy on write.
    package borrowing func clone() -> OwnedMessage { OwnedMessage(cloneOf: pointer, api: api) }

    /// Becomes the same as a message that somebody else owns: what a clone in its place would be, without one.
    ///
    /// - Returns: false: it is what it was.
    borrowing func become(_ other: OpaquePointer) -> Bool {
        api.pointee.assign(pointer, other, CATENA_F_REQUEST) == CATENA_OK
    }

    /// Gives `other` a field of this one.
    borrowing func assign(_ field: UInt32, to other: OpaquePointer) {
        _ = api.pointee.assign(other, pointer, field)
    }
}
