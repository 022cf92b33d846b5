// SPDX-License-Identifier: Apache-2.0
// Most calls end long before their deadline, so a timer per call is work for nothing. This is one timer for many calls: it is moved
// only for a deadline earlier than all before it, and when it fires the calls that are left are looked at.
internal import NIOCore

/// Whose calls a ``DeadlineTimer`` ends.
protocol DeadlineTimerOwner: AnyObject {
    /// Ends what has passed at `now`.
    ///
    /// - Returns: the earliest deadline left; `.distantFuture` for none.
    func endExpiredCalls(_ now: NIODeadline) -> NIODeadline
}

/// The earliest of many deadlines on one loop. While it is armed it holds its owner; not weakly, since an object that is held weakly
/// anywhere pays for it with each reference counted anywhere else.
final class DeadlineTimer {
    private let eventLoop: any EventLoop
    @safe @exclusivity(unchecked) private var armed = NIODeadline.distantFuture
    private var task: Scheduled<Void>?

    init(on eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Makes sure that the timer fires no later than `deadline`. Costs one comparison in the common case.
    @inline(__always)
    func cover(_ deadline: NIODeadline, of owner: any DeadlineTimerOwner) {
        if deadline < armed { arm(deadline, owner) }
    }

    private func arm(_ deadline: NIODeadline, _ owner: any DeadlineTimerOwner) {
        task?.cancel()
        armed = deadline
        task = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in
            armed = .distantFuture
            task = nil
            cover(owner.endExpiredCalls(eventLoop.now), of: owner)
        }
    }

    func cancel() {
        task?.cancel()
        task = nil
        armed = .distantFuture
    }
}
