// SPDX-License-Identifier: Apache-2.0
// A timer that lives in the slot it works on. The host never fires it after the slot was dropped and does not say that it
// will not; so the closure belongs to this object, which goes with the slot.
internal import CatenaABI

/// A timer of a connection; from ``Home/after(_:_:)``. On the connection's loop only; withdrawn when the last reference goes.
public final class SlotTimer {
    private let work: SlotWork
    private let connection: Connection
    private let leg: Leg?
    private let host: Host
    private var number: UInt64 = 0

    init(_ work: SlotWork, _ connection: Connection, _ leg: Leg?, _ host: Host) {
        self.work = work
        self.connection = connection
        self.leg = leg
        self.host = host
    }

    deinit { cancel() }

    /// Sets the timer anew, also after it has fired.
    public func restart(after span: Duration) {
        let (time, overflow) = host.now.addingReportingOverflow(span.nanoseconds)
        restart(at: overflow ? .max : time)
    }

    /// Sets the timer anew, to a time on the clock of ``Host/now``.
    public func restart(at time: UInt64) {
        cancel()
        // Unretained: the closure lives as long as this timer, and this timer withdraws it before it goes. 0 is answered for
        // a connection that has ended, which will not be waited for.
        number = host.services.pointee.timer.pointee.at(
            host.pointer, connection.number, leg?.number ?? 0, time, Self.fire, Unmanaged.passUnretained(work).toOpaque())
    }

    /// Withdraws it. Nothing happens if it has fired or was withdrawn before.
    public func cancel() {
        guard number != 0 else { return }
        _ = host.services.pointee.timer.pointee.cancel(host.pointer, number)
        number = 0
    }

    private static let fire: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void = { argument, slot in
        guard let argument else { return }
        // Retained while it runs: the closure may let go of its own timer.
        let work = Unmanaged<SlotWork>.fromOpaque(argument).takeUnretainedValue()
        withExtendedLifetime(work) { $0.run(slot) }
    }
}
