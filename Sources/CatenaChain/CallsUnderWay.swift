// SPDX-License-Identifier: Apache-2.0
// How many calls have begun and not ended. One count decides when an engine is idle: an event may follow from a call from outside
// and the other way round, so neither kind can be waited for alone.

internal import Synchronization

/// Counts calls, so that whoever stops an engine can wait for the last one. One word for both kinds, as every call of every loop comes
/// by here twice.
final class CallsUnderWay: Sendable {
    private static let outside: UInt64 = 1 << 32
    private static let inside: UInt64 = 1

    /// Calls from outside in the upper half, others in the lower.
    private let word = Atomic<UInt64>(0)
    private let waiters = Mutex<[@Sendable () -> Void]>([])
    private let isAwaited = Atomic<Bool>(false)

    /// Calls from outside, and events and client calls of elements.
    var counts: (outside: Int, inside: Int) {
        let word = word.load(ordering: .relaxed)
        return (Int(word >> 32), Int(word & 0xffff_ffff))
    }

    func begin(isOutside: Bool) {
        word.wrappingAdd(isOutside ? Self.outside : Self.inside, ordering: .relaxed)
    }

    func end(isOutside: Bool) {
        let rest = word.wrappingSubtract(isOutside ? Self.outside : Self.inside, ordering: .sequentiallyConsistent).newValue
        // Either the last call sees that it is awaited, or whoever waits sees that it was the last.
        if rest == 0, isAwaited.load(ordering: .sequentiallyConsistent) { tell() }
    }

    /// Calls `done` when no call is under way; at once if there is none.
    func whenNone(_ done: @escaping @Sendable () -> Void) {
        waiters.withLock { waiters in
            waiters.append(done)
            isAwaited.store(true, ordering: .sequentiallyConsistent)
        }
        tell()
    }

    private func tell() {
        let told: [@Sendable () -> Void] = waiters.withLock { waiters in
            guard word.load(ordering: .sequentiallyConsistent) == 0 else { return [] }
            defer { waiters = [] }
            isAwaited.store(false, ordering: .sequentiallyConsistent)
            return waiters
        }
        for done in told { done() }
    }
}
