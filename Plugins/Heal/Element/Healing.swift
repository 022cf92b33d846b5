// SPDX-License-Identifier: Apache-2.0
// What the element keeps for a connection: the machine, and what it has under way for it. All of it ends with the slot.
public import CatenaElement

/// One connection, in a client chain: one of its legs.
public struct Healing: Slot {
    /// nil: no Request has come by yet.
    var state: HealState?
    /// This host's segment of the path.
    var mine: PathSegment?
    var watch: NextHopWatch?
    var timer: SlotTimer?
    /// The Request of the machine.
    var request: Operation?
    /// The place that was asked for last.
    var place: Place?
    /// The pause before the next check; nil: nothing is checked.
    var checkTimer: SlotTimer?
    /// The check that runs.
    var check: Check?
    /// Of the check that was begun last.
    var checkNumber = 0

    public init() {}
}
