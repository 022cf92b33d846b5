// SPDX-License-Identifier: Apache-2.0
// A watch that lives in the slot it works on, as a timer does: the host never calls after the slot was dropped and does not say that
// it will not, so the closure belongs to this object, which goes with the slot.
internal import CatenaABI

/// One piece of news of the next hop, for the length of the closure that hears it.
public struct Sighting: ~Copyable {
    /// What was seen.
    public let sight: NextHopSight
    /// How the way was lost; nil: it was not.
    public let error: ElementError?
    private let pointer: OpaquePointer?
    private let host: Host

    fileprivate init(_ sight: NextHopSight, _ message: OpaquePointer?, error: ElementError?, _ host: Host) {
        self.sight = sight
        self.error = error
        pointer = message
        self.host = host
    }

    /// Lends the connection as the next hop reports it, its path index included; nil: the news has none, or is older than the watch.
    public func withConnection<R, E: Error>(_ body: (borrowing Message) throws(E) -> R) throws(E) -> R? {
        guard let pointer else { return nil }
        return try body(Message(pointer, host))
    }
}

/// A watch of the next hop; from ``Home/watchConnection(as:_:)`` or ``Home/watchHealth(of:_:)``. On the connection's loop only;
/// ended when the last reference goes.
public final class NextHopWatch {
    private let work: WatchWork
    private let host: Host
    fileprivate var number: UInt64 = 0

    fileprivate init(_ work: WatchWork, _ host: Host) {
        self.work = work
        self.host = host
    }

    deinit { stop() }

    /// Ends it. Nothing happens if it has ended before.
    public func stop() {
        guard number != 0 else { return }
        _ = host.services.pointee.watch.pointee.stop(host.pointer, number)
        number = 0
    }

    fileprivate static let tell: catena_watch_fn = { argument, slot, what, message, error in
        guard let argument else { return }
        // Retained while it runs: the closure may let go of its own watch.
        let work = Unmanaged<WatchWork>.fromOpaque(argument).takeUnretainedValue()
        let sighting = Sighting(NextHopSight(rawValue: what), message, error: error.map { ElementError(copying: $0) }, work.host)
        withExtendedLifetime(work) { $0.run(slot, sighting) }
    }
}

extension Home {
    /// Hears what the monitor of the next hop says of this connection: in a client chain over its leg, else over whichever leg is open,
    /// now and later. On the connection's loop.
    /// - Parameters:
    ///   - mine: this host's segment of the path; its name and id count.
    ///   - body: as often as there is news, first when the next hop has spoken, never inside this call.
    /// - Returns: the watch, which ends when the last reference to it goes: keep it in the connection slot.
    /// - Throws: ABORTED: the connection or its leg has ended.
    public func watchConnection(
        as mine: PathSegment, _ body: @escaping (inout Element.ConnectionSlot, borrowing Sighting) -> Void
    ) throws(ElementError) -> NextHopWatch {
        try watch(body) { table, argument in
            withCText(mine.name) { name in
                withCText(mine.id) { id in
                    var segment = catena_segment(name: name, id: id, token: catena_str(), expires_unix_ns: .min)
                    return table.pointee.connection(
                        host.pointer, connection.number, leg?.number ?? 0, &segment, NextHopWatch.tell, argument)
                }
            }
        }
    }

    /// Hears the health of a service of the next hop (`grpc.health.v1`; "": the next hop as a whole). As ``watchConnection(as:_:)`` in
    /// all else.
    public func watchHealth(
        of service: String, _ body: @escaping (inout Element.ConnectionSlot, borrowing Sighting) -> Void
    ) throws(ElementError) -> NextHopWatch {
        try watch(body) { table, argument in
            withCText(service) {
                table.pointee.health(host.pointer, connection.number, leg?.number ?? 0, $0, NextHopWatch.tell, argument)
            }
        }
    }

    private func watch(
        _ body: @escaping (inout Element.ConnectionSlot, borrowing Sighting) -> Void,
        _ begin: (UnsafePointer<catena_watch_api>, UnsafeMutableRawPointer) -> UInt64
    ) throws(ElementError) -> NextHopWatch {
        let work = WatchWork(host, Element.ConnectionSlot.self, body)
        let watch = NextHopWatch(work, host)
        // Unretained: the closure lives as long as the watch, and the watch ends before it goes.
        watch.number = begin(host.services.pointee.watch, Unmanaged.passUnretained(work).toOpaque())
        guard watch.number != 0 else { throw ElementError(.aborted, "nothing to watch: the connection or its client side has ended") }
        return watch
    }
}

/// Carries the closure of a watch through the `arg` of a C callback.
private final class WatchWork {
    let host: Host
    private let body: (UnsafeMutableRawPointer?, borrowing Sighting) -> Void

    init<S: Slot>(_ host: Host, _ type: S.Type, _ body: @escaping (inout S, borrowing Sighting) -> Void) {
        self.host = host
        self.body = { memory, sighting in
            if SlotMemory<S>.isNothing {
                var nothing = S()
                body(&nothing, sighting)
            } else if let slot = SlotMemory<S>(memory) {
                body(&slot.value.pointee, sighting)
            }
        }
    }

    func run(_ memory: UnsafeMutableRawPointer?, _ sighting: borrowing Sighting) { body(memory, sighting) }
}
