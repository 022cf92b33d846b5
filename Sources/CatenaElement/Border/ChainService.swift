// SPDX-License-Identifier: Apache-2.0
// The client side of a connection: a leg runs calls through a client chain and from its end to the next hop. Every call
// has exactly one completion, which Swift's types say here and the header says in words.
internal import CatenaABI

/// Legs of a connection. On the connection's loop; completions come there too.
public struct ChainService: Sendable {
    private let host: Host

    init(_ host: Host) { self.host = host }

    private var table: UnsafePointer<catena_chain_api> { host.services.pointee.chain }

    /// A new leg through a client chain that the config names.
    /// - Throws: ABORTED: the connection has ended.
    public func open(for connection: Connection, through use: ChainUse, over transport: consuming Transport) throws(ElementError) -> Leg {
        guard let leg = Leg(table.pointee.open(host.pointer, connection.number, use.number, transport.handOver())) else {
            throw ElementError(.aborted, "no client side for a connection that has ended")
        }
        return leg
    }

    /// Requests. Begins after this hook has returned. A first Request that fails is undone before `completion` comes.
    /// - Parameters:
    ///   - parent: the hook that waits: gives values, deadline, cancellation and log context.
    ///   - completion: exactly once, unless this throws.
    /// - Throws: ABORTED: the leg has ended.
    public func request(
        _ message: consuming OwnedMessage, on leg: Leg, for parent: Ticket, completion: @escaping (borrowing Answer) -> Void
    ) throws(ElementError) -> Operation {
        try call(CATENA_VERB_REQUEST, message.handOver(), on: leg, for: parent, why: .caller, Completion(host, completion))
    }

    /// The same, for whoever requests often: the receiver is told, and no memory is needed for a completion.
    public func request(
        _ message: consuming OwnedMessage, on leg: Leg, for parent: Ticket, answering receiver: AnswerReceiver
    ) throws(ElementError) -> Operation {
        try call(CATENA_VERB_REQUEST, message.handOver(), on: leg, for: parent, why: .caller, receiver)
    }

    /// Closes. As ``request(_:on:for:completion:)``, but for:
    /// - Parameter parent: nil: nobody waits, and the host's deadline for events holds.
    public func close(
        _ message: consuming OwnedMessage, on leg: Leg, for parent: Ticket?, why: Reason,
        completion: @escaping (borrowing Answer) -> Void
    ) throws(ElementError) -> Operation {
        try call(CATENA_VERB_CLOSE, message.handOver(), on: leg, for: parent, why: why, Completion(host, completion))
    }

    /// The leg ends when its last call has: slots are dropped, the transport's reference goes back. Sends nothing.
    public func drop(_ leg: Leg, why: Reason) {
        // GONE, the only other answer, says that the leg has ended, which is what was asked.
        _ = table.pointee.drop(host.pointer, leg.number, why.rawValue)
    }

    /// The state of the leg's transport; nil: the leg has ended.
    public func transportState(of leg: Leg) -> TransportState? {
        let transport = table.pointee.transport(host.pointer, leg.number)
        guard transport != 0 else { return nil }
        return TransportState(rawValue: host.services.pointee.client.pointee.state(host.pointer, transport))
    }

    /// Declares the leg's transport dead, for every element of the host: whoever acquires one for its URL gets another from now on, and
    /// ``transportState(of:)`` is `.retired` for those who have it. Calls that are under way end on it. Any element of the leg's client
    /// chain may say so; see ``Hop/leg``.
    /// - Returns: false: the leg has ended.
    @discardableResult
    public func retireTransport(of leg: Leg) -> Bool {
        let transport = table.pointee.transport(host.pointer, leg.number)
        return transport != 0 && host.services.pointee.client.pointee.retire(host.pointer, transport) == CATENA_OK
    }

    /// The same next hop over another transport: slots stay, and the connection stays open.
    public func rebind(_ leg: Leg, to transport: consuming Transport) throws(ElementError) {
        let status = table.pointee.rebind(host.pointer, leg.number, transport.handOver())
        guard status == CATENA_OK else { throw ElementError(status: status, "cannot move the client side to another transport") }
    }

    private func call(
        _ verb: UInt32, _ message: OpaquePointer, on leg: Leg, for parent: Ticket?, why: Reason,
        _ receiver: AnswerReceiver
    ) throws(ElementError) -> Operation {
        var what = catena_leg_call()
        what.struct_size = UInt32(MemoryLayout<catena_leg_call>.size)
        what.verb = verb
        what.reason = why.rawValue
        what.message = message
        what.parent = parent?.call ?? 0
        let waiting = Unmanaged.passRetained(receiver)
        let number = table.pointee.call(host.pointer, leg.number, &what, AnswerReceiver.finish, waiting.toOpaque())
        guard let operation = Operation(number) else {
            waiting.release()  // 0: the completion will not come
            throw ElementError(.aborted, "the client side has ended")
        }
        return operation
    }
}
