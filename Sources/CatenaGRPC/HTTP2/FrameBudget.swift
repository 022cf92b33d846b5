// SPDX-License-Identifier: Apache-2.0
// What a peer may ask of us without doing anything useful. Each such frame costs a unit; calls earn units back, and so does time.
// So a flood ends the connection within milliseconds, and a peer that sends a PING with every call, as grpc-go does, never notices.
internal import NIOCore

/// The allowance of one connection against floods of frames that cost their sender nothing.
struct FrameBudget {
    /// Units a connection begins with, and the most it can save up.
    static let burst: Int32 = 10_000
    /// Units that time gives back, per second.
    static let perSecond: Int64 = 1_000
    /// Units that a call which was answered in full gives back, of each kind.
    static let perCall: Int32 = 4

    /// What costs.
    enum Kind {
        /// PING, SETTINGS, PRIORITY, and DATA that is empty and ends nothing.
        case control
        /// RST_STREAM on a call that was not answered yet (CVE-2023-44487, "rapid reset").
        case reset
    }

    private var control = Self.burst
    private var resets = Self.burst
    private var lastRefill = NIODeadline.now()

    /// A call was answered and ended.
    mutating func earn() {
        control = min(Self.burst, control + Self.perCall)
        resets = min(Self.burst, resets + Self.perCall)
    }

    /// A frame of `kind` came.
    ///
    /// - Returns: false when the peer has gone too far.
    mutating func spend(_ kind: Kind) -> Bool {
        switch kind {
        case .control: Self.spend(&control) || refill() && Self.spend(&control)
        case .reset: Self.spend(&resets) || refill() && Self.spend(&resets)
        }
    }

    private static func spend(_ units: inout Int32) -> Bool {
        guard units > 0 else { return false }
        units -= 1
        return true
    }

    /// The clock is only asked when units have run out.
    private mutating func refill() -> Bool {
        let now = NIODeadline.now()
        let earned = (now - lastRefill).nanoseconds / (1_000_000_000 / Self.perSecond)
        guard earned > 0 else { return false }
        lastRefill = now
        let units = Int32(min(earned, Int64(Self.burst)))
        control = min(Self.burst, control + units)
        resets = min(Self.burst, resets + units)
        return true
    }
}
