// SPDX-License-Identifier: Apache-2.0
// What a host needs around the life of an engine besides start and stop: an engine that was only made to be looked at, and
// the moment when the last call is gone.

extension Engine {
    /// Destroys the elements of an engine that was never started, or failed to start.
    package func discard() {
        for instance in instances.reversed() { instance.destroy() }
    }

    /// Closes the transports that are still held once the engine has stopped: a Close that nobody waited for may still be at a next hop.
    ///
    /// - Parameter done: told when nothing of them is left that would run on a loop. Never, if an element has not given one back.
    package func closeTransports(_ done: @escaping @Sendable () -> Void) {
        // What closing them left for the loops has run once every loop has come by here.
        transports.closeAll { self.onEachHome({ _ in }, then: done) }
    }

    /// Calls `done` once no call is under way, from outside or begun by an element. At once if there is none.
    package func whenIdle(_ done: @escaping @Sendable () -> Void) {
        underWay.whenNone(done)
    }
}
