// SPDX-License-Identifier: Apache-2.0
// The engine runs on loops that it does not make: the host hands it the event loops of its sockets, tests hand it loops of
// their own. This is all it asks of one, and the reason why the engine knows no networking library.

/// One thread that runs what it is given, one after another.
public protocol ChainLoop: AnyObject, Sendable {
    /// Is the calling thread this loop's?
    var isCurrent: Bool { get }

    /// The monotonic clock of all deadlines, in nanoseconds. On Linux CLOCK_MONOTONIC, the same for every loop.
    func now() -> UInt64

    /// Runs `work` on the loop, later: never inside this call. May be called from any thread.
    func execute(_ work: @escaping @Sendable () -> Void)

    /// Runs `work` on the loop, not before `deadline` (nanoseconds of ``now()``). Called on the loop only. There is no way to
    /// withdraw it: the engine ignores a wake-up that it no longer needs.
    func wake(at deadline: UInt64, _ work: @escaping @Sendable () -> Void)
}
