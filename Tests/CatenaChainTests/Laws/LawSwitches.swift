// SPDX-License-Identifier: Apache-2.0
// What cases leave out or overlook, each with its reason. An empty list is the goal: whoever mends the host lifts the switch.

/// What the laws do not ask yet.
struct LawSwitches {
    /// When a connection ends, legs of its legs end at once, also while a Close that nobody waits for is on its way to them.
    var innerLegsEndFirst = true

    static let standard = LawSwitches()
}
