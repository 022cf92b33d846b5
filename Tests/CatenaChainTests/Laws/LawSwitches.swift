// SPDX-License-Identifier: Apache-2.0
// What cases leave out or overlook, each with its reason. An empty list is the goal: whoever mends the host lifts the switch.

/// What the laws do not ask yet.
struct LawSwitches {
    /// No element is taken out by its first fault.
    var leavesOnFaultOut = true

    /// When a connection ends, legs of its legs end at once, also while a Close that nobody waits for is on its way to them.
    var innerLegsEndFirst = true

    /// An undo goes on to close_reply of an element that was written off in close.
    var callsWhoOwes = true
    /// The call slot of an element that was written off is not dropped when it answers before the call ends, and a later try did not
    /// come to it.
    var losesCallSlots = true

    /// An element that is taken out while it answers by itself is still called where that very call is undone.
    var seesOwnUndo = true

    /// A wrong verdict of a hook that undoes is no fault.
    var trustsUndo = true

    static let standard = LawSwitches()
}
