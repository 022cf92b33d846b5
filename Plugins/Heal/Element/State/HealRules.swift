// SPDX-License-Identifier: Apache-2.0
// What all connections of an element are healed by, in the machine's own units.

/// The bounds of healing. Times are nanoseconds.
struct HealRules: Equatable, Sendable {
    /// How long a client waits for others to heal.
    var reselectAfter: UInt64
    var backoff: UInt64
    var backoffMax: UInt64
    /// 0: no bound.
    var maxAttempts: Int
    /// Failed checks in a row that count; nil: nothing is checked.
    var maxFailures: Int?

    /// How long to wait after so many attempts. Twice as long after each, and up to half of it by chance, so that those who failed
    /// together do not come together again.
    /// - Parameter chance: any number, evenly spread.
    func pause(after attempts: Int, chance: UInt64) -> UInt64 {
        guard attempts > 0 else { return backoff }
        let (doubled, overflow) = backoff.multipliedReportingOverflow(by: 1 << UInt64(min(attempts, 62)))
        let upper = overflow ? backoffMax : min(doubled, backoffMax)
        let lower = min(max(upper / 2, backoff), upper)
        return lower + chance % (upper - lower + 1)
    }
}

/// The outside world in the moment of an input.
struct HealMoment: Equatable, Sendable {
    /// On the host's clock.
    var now: UInt64
    /// When the path expires, on that clock; nil: never.
    var until: UInt64?
    /// Any number, evenly spread.
    var chance: UInt64
}
