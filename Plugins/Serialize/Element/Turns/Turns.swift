// SPDX-License-Identifier: Apache-2.0
// What the anchor keeps for one connection id, in its own slot, which is there as soon as a call of the id is. A ticket names a
// waiting call, so that one whose call has ended in the meantime is recognised.
public import CatenaElement

/// The turns of one connection id.
public struct Turns: Slot {
    var queue = TurnKeeper.Queue()
    /// Memory for what the queue wants done, used again.
    var spare: TurnKeeper.Queue.Actions = []
    /// The next try of a Close that failed.
    var retry: SlotTimer?
    /// The Request that has the turn waits for the Close of what it replaces.
    var reselection: Reselection?
    /// Client side: what the caller was told last.
    var returned: KeptMessage?
    /// When the host lets go of what a Close that failed has left, on its clock.
    var keptUntil: UInt64?

    public init() {}
}

/// A job, and the incarnation that it is for.
struct WaitingJob {
    let job: QueuedJob
    let connection: Connection
}

/// A Request between the Close for another endpoint and its own descent.
struct Reselection {
    /// nil: its caller has left.
    var call: Ticket?
    /// What the Request says, if its caller has left; it is sent all the same.
    var message: KeptMessage?
}

/// A copy of a message in a slot.
///
/// Unchecked: the connection's loop makes it, uses it and lets go of it.
final class KeptMessage: @unchecked Sendable {
    let owned: OwnedMessage

    init(_ message: borrowing Message) throws(ElementError) { owned = try message.copy() }
}
