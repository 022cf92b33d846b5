// SPDX-License-Identifier: Apache-2.0
// To the engine a message is a number it can clone, release and ask for its id: what a message is made of is the business of
// whoever provides "message/1". The engine uses that table as any element does.

package import CatenaABI

/// An owned message: released when the last reference to this object goes.
///
/// Hands a message from one loop to another. A message belongs to one call, and a call runs on one loop at a time, so nobody
/// touches it from two threads at once.
package final class OwnedMessage: @unchecked Sendable {  // the sentence above
    package private(set) var pointer: OpaquePointer
    private let api: UnsafePointer<catena_message_api>

    /// Takes the reference over.
    package init(takingOver pointer: OpaquePointer, api: UnsafePointer<catena_message_api>) {
        self.pointer = pointer
        self.api = api
    }

    /// A copy on write of a message that somebody else owns.
    package convenience init(cloneOf pointer: OpaquePointer, api: UnsafePointer<catena_message_api>) {
        // "message/1" promises a message, always.
        self.init(takingOver: api.pointee.clone(pointer).unsafelyUnwrapped, api: api)
    }

    deinit { api.pointee.release(pointer) }

    /// A copy on write.
    package func clone() -> OwnedMessage { OwnedMessage(cloneOf: pointer, api: api) }

    /// Becomes a copy on write of `other`, and lets go of what it was. Only where nobody else holds this object.
    func become(cloneOf other: OwnedMessage) {
        let before = pointer
        pointer = api.pointee.clone(other.pointer).unsafelyUnwrapped
        api.pointee.release(before)
    }

    /// Gives `other` a field of this one.
    func assign(_ field: UInt32, to other: OpaquePointer) {
        _ = api.pointee.assign(other, pointer, field)
    }
}
