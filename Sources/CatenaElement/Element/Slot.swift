// SPDX-License-Identifier: Apache-2.0
// State of a call or a connection lives in memory of the host, so that it ends with its owner. Any Swift type will do:
// the kit makes the value on the first touch and destroys it in the host's drop callback.

/// A value that lives in a slot.
///
/// A struct lives in the slot itself. A class is referenced by it: choose one where a closure has to reach the state after
/// the hook has returned. Only one thread touches a slot at a time, so that neither needs a lock.
public protocol Slot: SendableMetatype {
    /// The value before anything has happened.
    init()
}

/// For an element that keeps nothing: no memory at all.
public struct NoSlot: Slot {
    /// Nothing.
    public init() {}
}
