// SPDX-License-Identifier: Apache-2.0
// A connection as one element may come back to it when no hook runs: its loop, its slot, its timers. Slots are lent to the
// closures and never captured by them, so that no timer can keep alive the slot that keeps the timer.
internal import CatenaABI

/// The home loop of a connection, with the element's slot there; from ``Hop/home``. It may be kept and sent anywhere: when
/// the connection has ended, nothing happens.
public struct Home<Element: ChainElement>: Sendable {
    /// The connection that it names.
    public let connection: Connection
    /// In a client chain the leg whose slot it lends.
    public let leg: Leg?
    let host: Host

    init(connection: Connection, leg: Leg?, host: Host) {
        self.connection = connection
        self.leg = leg
        self.host = host
    }

    /// The home of a connection of the served chain, for an element that knows only the number.
    /// - Parameter host: the one that `Element` was made with.
    public init(_ connection: Connection, of host: Host) {
        self.init(connection: connection, leg: nil, host: host)
    }

    /// Runs a closure on the connection's loop, never inside this call. Any thread.
    /// - Parameters:
    ///   - body: gets the slot. It does not run if the connection ends before; an element without a connection slot is lent a
    ///     fresh one, and cannot tell.
    ///   - ended: runs in its place if the connection ends before; for an anchor, if there is no slot of that id any more.
    /// - Returns: false: the connection has ended already, and neither will run.
    @discardableResult
    public func post(
        _ body: @escaping @Sendable (inout Element.ConnectionSlot) -> Void, ended: @escaping @Sendable () -> Void = {}
    ) -> Bool {
        post(SlotWork(Element.ConnectionSlot.self, body, ended: ended))
    }

    private func post(_ work: SlotWork) -> Bool {
        let posted = Unmanaged.passRetained(work)
        let status = host.services.pointee.connection.pointee.post(
            host.pointer, connection.number, leg?.number ?? 0, SlotWork.runOnce, posted.toOpaque())
        if status != CATENA_OK { posted.release() }
        return status == CATENA_OK
    }

    /// As ``post(_:)``, and waits for what the closure answers.
    /// - Throws: ABORTED: the connection has ended.
    public func run<R: Sendable>(_ body: @escaping @Sendable (inout Element.ConnectionSlot) -> R) async throws(ElementError) -> R {
        let answer: R? = await withCheckedContinuation { continuation in
            let work = SlotWork(
                Element.ConnectionSlot.self, { continuation.resume(returning: body(&$0)) },
                ended: { continuation.resume(returning: nil) })
            if !post(work) { continuation.resume(returning: nil) }
        }
        guard let answer else { throw ElementError(.aborted, "the connection has ended") }
        return answer
    }

    /// Runs a closure once, not before a span of time has passed. On the connection's loop.
    /// - Returns: the timer, which is withdrawn when the last reference to it goes: keep it in the connection slot.
    public func after(_ span: Duration, _ body: @escaping @Sendable (inout Element.ConnectionSlot) -> Void) -> SlotTimer {
        let (time, overflow) = host.now.addingReportingOverflow(span.nanoseconds)
        return at(overflow ? .max : time, body)
    }

    /// Runs a closure once, not before a time on the clock of ``Host/now``. As ``after(_:_:)`` in all else.
    public func at(_ time: UInt64, _ body: @escaping @Sendable (inout Element.ConnectionSlot) -> Void) -> SlotTimer {
        let timer = SlotTimer(SlotWork(Element.ConnectionSlot.self, body), connection, leg, host)
        timer.restart(at: time)
        return timer
    }
}

/// Carries a closure that takes a slot through the `arg` of a C callback.
final class SlotWork: Sendable {
    private let run: @Sendable (UncheckedSlot) -> Void

    /// - Parameter ended: in place of the body, where there is no slot any more.
    init<S: Slot>(
        _ type: S.Type, _ body: @escaping @Sendable (inout S) -> Void, ended: @escaping @Sendable () -> Void = {}
    ) {
        run = { slot in
            if SlotMemory<S>.isNothing {
                var nothing = S()
                body(&nothing)
            } else if let slot = SlotMemory<S>(slot.memory) {
                body(&slot.value.pointee)
            } else {
                ended()
            }
        }
    }

    func run(_ memory: UnsafeMutableRawPointer?) { run(UncheckedSlot(memory: memory)) }

    /// For a post, which comes exactly once: the reference it holds goes with it.
    static let runOnce: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void = { argument, slot in
        guard let argument else { return }
        Unmanaged<SlotWork>.fromOpaque(argument).takeRetainedValue().run(slot)
    }
}

/// A slot on its way from the host to a closure; both are on the connection's loop.
struct UncheckedSlot {
    let memory: UnsafeMutableRawPointer?
}
