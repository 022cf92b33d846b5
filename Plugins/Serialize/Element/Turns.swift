// SPDX-License-Identifier: Apache-2.0
// The queue of one connection where it lives: in the anchor's own slot, which is there as soon as a call of the id is.
// A ticket names a waiting call, so that one whose call has ended in the meantime is recognised.
public import CatenaElement

/// The turns of one connection.
public struct Turns: Slot {
    var queue = TurnQueue<Ticket>()
    public init() {}
}
