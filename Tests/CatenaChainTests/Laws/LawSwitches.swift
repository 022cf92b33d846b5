// SPDX-License-Identifier: Apache-2.0
// What cases leave out or overlook, each with its reason. An empty list is the goal: whoever mends the host lifts the switch.

/// What the laws do not ask yet.
struct LawSwitches {
    /// When a connection ends, legs of its legs end at once, also while a Close that nobody waits for is on its way to them.
    var innerLegsEndFirst = true

    /// A Close that waits in the queue of its anchor is cancelled there, and the anchor written off for keeping it.
    var queuedClosesAreCancelled = true
    /// The call slot of an element that was written off is not dropped when a later try did not come to it.
    var losesCallSlots = true

    /// A reply hook that is PENDING after its call was cancelled is waited for without end: none of these is silent.
    var waitsForeverAfterCancel = true

    static let standard = LawSwitches()
}
