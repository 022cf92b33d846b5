// SPDX-License-Identifier: Apache-2.0
// What a peer may ask of us without doing anything useful. Each such frame costs units; calls earn units back, and so does time.
// So a flood ends the connection within milliseconds, and a peer that sends a PING with every call, as grpc-go does, never notices.
package import NIOCore

/// The allowance of one connection against floods of frames that cost their sender nothing.
package struct FrameBudget {
    /// Units a connection begins with, and the most it can save up.
    package static let burst: Int32 = 10_000
    /// Units that time gives back, per second.
    package static let perSecond: Int64 = 1_000
    /// Units that a call which was answered in full gives back, of each kind.
    package static let perCall: Int32 = 4

    /// What costs.
    package enum Kind {
        /// PING, PRIORITY, and DATA that is empty and ends nothing.
        case control
        /// SETTINGS, which may touch every open stream.
        case settings
        /// A stream that ended before it was answered, whichever side was made to reset it (CVE-2023-44487 "rapid reset",
        /// CVE-2025-8671 "MadeYouReset"), and a frame that HTTP/2 answers with RST_STREAM (CVE-2019-9514).
        case reset

        fileprivate var cost: Int32 { self == .settings ? 10 : 1 }
    }

    /// Bytes beside calls and their messages that cost a unit of `control`: WINDOW_UPDATE, padding, frames of unknown types or for streams
    /// that are gone. A client may need 1 MiB of them when its upload is refused in the middle.
    package static let bytesPerUnit = 256

    private var overhead = 0
    private var control = Self.burst
    private var resets = Self.burst
    private var lastRefill: NIODeadline
    private static let nanosecondsPerUnit = 1_000_000_000 / perSecond

    package init(now: NIODeadline = .now()) { lastRefill = now }

    /// A call was answered and ended.
    package mutating func earn() {
        control = min(Self.burst, control + Self.perCall)
        resets = min(Self.burst, resets + Self.perCall)
    }

    /// A frame of `kind` came. The clock is only asked when units have run out.
    ///
    /// - Returns: false when the peer has gone too far.
    package mutating func spend(_ kind: Kind, now: @autoclosure () -> NIODeadline = .now()) -> Bool {
        if take(kind) { return true }
        refill(now())
        return take(kind)
    }

    /// Bytes came of which `useful` were the headers of calls or parts of messages.
    ///
    /// - Returns: false when the peer has gone too far.
    package mutating func spend(bytes: Int, useful: Int) -> Bool {
        overhead += bytes - useful
        while overhead >= Self.bytesPerUnit {
            overhead -= Self.bytesPerUnit
            guard spend(.control) else { return false }
        }
        return true
    }

    private mutating func take(_ kind: Kind) -> Bool {
        kind == .reset ? Self.take(kind.cost, from: &resets) : Self.take(kind.cost, from: &control)
    }

    private static func take(_ cost: Int32, from units: inout Int32) -> Bool {
        guard units >= cost else { return false }
        units -= cost
        return true
    }

    private mutating func refill(_ now: NIODeadline) {
        let earned = (now - lastRefill).nanoseconds / Self.nanosecondsPerUnit
        guard earned > 0 else { return }
        lastRefill = lastRefill + .nanoseconds(earned * Self.nanosecondsPerUnit)
        let units = Int32(min(earned, Int64(Self.burst)))
        control = min(Self.burst, control + units)
        resets = min(Self.burst, resets + units)
    }
}
