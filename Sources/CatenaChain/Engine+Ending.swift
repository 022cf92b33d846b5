// SPDX-License-Identifier: Apache-2.0
// What a host needs around the life of an engine besides start and stop: an engine that was only made to be looked at, and
// the moment when the last call is gone.

extension Engine {
    /// Destroys the elements of an engine that was never started, or failed to start.
    package func discard() {
        for instance in instances.reversed() { instance.destroy() }
    }

    /// Calls `done` once no call is under way, from outside or begun by an element. At once if there is none.
    package func whenIdle(_ done: @escaping @Sendable () -> Void) {
        underWay.whenNone(done)
    }
}
