// SPDX-License-Identifier: Apache-2.0
// When a call entered, so that the line on its way out can say how long the rest of the chain took. The clock is read only
// for lines that are written.
public import CatenaElement

/// The time of entry, on the host's monotonic clock.
public struct EntryTime: Slot {
    /// 0: not taken, as the line on the way in was not written.
    var nanoseconds: UInt64 = 0

    public init() {}

    /// `duration=1.250ms`; nothing if the time of entry was not taken.
    func elapsed(at now: UInt64) -> [LogField] {
        guard nanoseconds > 0, now >= nanoseconds else { return [] }
        let microseconds = (now - nanoseconds) / 1000
        let fraction = String(microseconds % 1000 + 1000).dropFirst()
        return [LogField("duration", "\(microseconds / 1000).\(fraction)ms")]
    }
}
