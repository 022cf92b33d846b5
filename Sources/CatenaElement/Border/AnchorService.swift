// SPDX-License-Identifier: Apache-2.0
// What only an anchor may ask of its host. The order of calls is the anchor's; what an incarnation is, and how it ends, is the
// host's.
internal import CatenaABI

/// The host's services for an element with ``ElementTraits/anchor``; another one is refused with FAILED_PRECONDITION.
public struct AnchorService: Sendable {
    /// Which end of its connections a chain is.
    public enum Side: UInt32, Sendable {
        /// The chain is served: callers come from outside.
        case server
        /// The chain begins its own connections.
        case client
        /// A client chain used below another anchor: no hook of this element is called.
        case inert
    }

    private let host: Host

    init(_ host: Host) { self.host = host }

    /// Which side this anchor is on. Ask once, in the initializer.
    public var side: Side {
        host.services.pointee.anchor.flatMap { Side(rawValue: $0.pointee.side(host.pointer)) } ?? .server
    }

    /// In ``CloseReplyHook``, when the Close failed: slots and last good message stay, so that it can be tried again. A Request
    /// that comes is a first one on these slots, and undone to the last element if it fails.
    /// - Parameter until: on the clock of ``Host/now``: then what is kept is dropped, ``Reason/expired``; nil: only a Close or a
    ///   Request that fails ends it.
    public func keepAfterClose<Element>(_ hop: borrowing Hop<Element>, until: UInt64?) throws(ElementError) {
        let call = hop.pointer.pointee.call
        try ask("cannot keep the connection") { table throws(ElementError) in
            table.pointee.keep_after_close(host.pointer, call, until ?? 0)
        }
    }

    /// Ends the Request below that no caller began: an event, or what a job has started. It comes out with this error. On the
    /// connection's loop.
    /// - Returns: false: no such Request is below.
    @discardableResult
    public func abort(_ connection: Connection, _ why: ElementError) -> Bool {
        guard let table = host.services.pointee.anchor else { return false }
        return why.withC { table.pointee.abort(host.pointer, connection.number, $0) } == CATENA_OK
    }

    /// Ends the incarnation as soon as nothing is below and no job has the turn. For the anchor it has ended at once: it is not
    /// established any more, and the calls that the anchor lets pass wait by themselves until its elements have been told and
    /// its slots dropped. On the connection's loop.
    /// - Returns: false: it has ended already.
    @discardableResult
    public func end(_ connection: Connection, why: Reason = .removed) -> Bool {
        host.services.pointee.anchor?.pointee.end(host.pointer, connection.number, why.rawValue) == CATENA_OK
    }

    func lend(_ connection: Connection, _ loan: UnsafePointer<catena_loan>?) throws(ElementError) {
        try ask("cannot give the turn to a job") { table throws(ElementError) in
            table.pointee.lend_turn(host.pointer, connection.number, loan)
        }
    }

    private func ask(
        _ what: String, _ body: (UnsafePointer<catena_anchor_api>) throws(ElementError) -> catena_status
    ) throws(ElementError) {
        guard let table = host.services.pointee.anchor else { throw ElementError(.failedPrecondition, "the element is not an anchor") }
        let status = try body(table)
        guard status == CATENA_OK else { throw ElementError(status: status, what) }
    }
}
