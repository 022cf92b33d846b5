// SPDX-License-Identifier: Apache-2.0
// Most calls end long before their deadline, so a timer per call is work for nothing. This is one timer for many calls: it is moved
// only for a deadline earlier than all before it, and when it fires the calls that are left are looked at.
internal import NIOCore

/// The earliest of many deadlines on one loop. ``cancel()`` must be called in the end, or the timer keeps its owner alive. It does not
/// hold it weakly: an object that is held weakly anywhere pays for it with each reference counted anywhere else.
final class DeadlineTimer {
    private let eventLoop: any EventLoop
    private var fire: ((NIODeadline) -> NIODeadline)?
    private var armed = NIODeadline.distantFuture
    private var task: Scheduled<Void>?

    /// - Parameter fire: Ends what has passed at the given time, and returns the earliest deadline left (`.distantFuture` for none).
    init(on eventLoop: any EventLoop, fire: @escaping (NIODeadline) -> NIODeadline) {
        self.eventLoop = eventLoop
        self.fire = fire
    }

    /// Makes sure that the timer fires no later than `deadline`. Costs one comparison in the common case.
    func cover(_ deadline: NIODeadline) {
        guard deadline < armed, fire != nil else { return }
        task?.cancel()
        armed = deadline
        task = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.armed = .distantFuture
            self.task = nil
            if let next = self.fire?(self.eventLoop.now) { self.cover(next) }
        }
    }

    /// Ends the timer for good.
    func cancel() {
        fire = nil
        task?.cancel()
        task = nil
        armed = .distantFuture
    }
}
