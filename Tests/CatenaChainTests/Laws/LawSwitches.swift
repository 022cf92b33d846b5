// SPDX-License-Identifier: Apache-2.0
// What cases leave out or overlook, each with its reason. An empty list is the goal: whoever mends the host lifts the switch.

/// What the laws do not ask yet.
struct LawSwitches {
    // MARK: Left out

    /// Elements that never resume: the host answers for them at the deadline plus grace.
    var neverResumes = false
    /// Verdicts that do not exist, or not in that hook.
    var wrongVerdicts = true

    // MARK: Overlooked

    /// A cancel hook for a hook that has been answered, and is not heard yet.
    var cancelsAnswered = true
    /// An event that was started, and is on its way to its loop when the connection ends, is told so after the slots are gone.
    var startsAcrossEnd = true
    /// An undo honours DONE above the anchor too, and leaves the element's close_reply out.
    var undoHonoursDone = true

    /// Elements begin something for a connection before anything is below its anchor: the host forgets it when the record goes.
    var actsOnBare = false
    /// When a connection ends, legs of its legs end at once, also while a Close is on its way to them.
    var innerLegsEndFirst = true
    /// A timer that is armed for a leg which is gone fires, without a slot.
    var timersOfGoneLegs = true
    /// A try that AGAIN above the anchor began, and that never came to the anchor, counts as what the last one was.
    var staysFirst = true

    static let standard = LawSwitches()
}
