// SPDX-License-Identifier: Apache-2.0
// Requests and Closes that an element begins for a connection, where no caller waits. Each has exactly one completion, on
// the connection's loop.
internal import CatenaABI

/// Begins calls of a connection. Any thread; completions come on the connection's loop.
public struct EventService: Sendable {
    private let host: Host

    init(_ host: Host) { self.host = host }

    /// A Request that begins at the anchor, where it waits its turn like one from outside.
    /// - Parameters:
    ///   - message: nil: the last good one.
    ///   - why: what its hooks see as ``Hop/reason``.
    ///   - deadline: on the clock of ``Host/now``; nil: the host's for events.
    ///   - completion: exactly once, unless this throws.
    /// - Throws: ABORTED: the connection has ended.
    @discardableResult
    public func request(
        _ connection: Connection, with message: consuming OwnedMessage? = nil, why: Reason = .event, deadline: UInt64? = nil,
        completion: @escaping @Sendable (borrowing Answer) -> Void = { _ in }
    ) throws(ElementError) -> Operation {
        try start(CATENA_VERB_REQUEST, CATENA_FROM_ANCHOR, connection, message?.handOver(), why, deadline, completion)
    }

    /// A Close that begins at the anchor. As ``request(_:with:why:deadline:completion:)`` in all else.
    @discardableResult
    public func close(
        _ connection: Connection, with message: consuming OwnedMessage? = nil, why: Reason = .event, deadline: UInt64? = nil,
        completion: @escaping @Sendable (borrowing Answer) -> Void = { _ in }
    ) throws(ElementError) -> Operation {
        try start(CATENA_VERB_CLOSE, CATENA_FROM_ANCHOR, connection, message?.handOver(), why, deadline, completion)
    }

    /// A Request that begins just after this element, as soon as nothing is below: for the anchor, or inside a job of the
    /// ``Executor``. Begun by an element below the anchor it does not change the last good message.
    /// - Throws: ABORTED: the connection has ended, or this element does not have its turn, which the host logs.
    @discardableResult
    public func requestBelow(
        _ connection: Connection, with message: consuming OwnedMessage, why: Reason = .event, deadline: UInt64? = nil,
        completion: @escaping @Sendable (borrowing Answer) -> Void = { _ in }
    ) throws(ElementError) -> Operation {
        try start(CATENA_VERB_REQUEST, CATENA_FROM_MY_NEXT, connection, message.handOver(), why, deadline, completion)
    }

    /// A Close that begins just after this element. Begun by an element below the anchor it tells those below that element and ends
    /// nothing: ``Executor/cancel()`` does. As ``requestBelow(_:with:why:deadline:completion:)`` in all else.
    @discardableResult
    public func closeBelow(
        _ connection: Connection, with message: consuming OwnedMessage, why: Reason = .event, deadline: UInt64? = nil,
        completion: @escaping @Sendable (borrowing Answer) -> Void = { _ in }
    ) throws(ElementError) -> Operation {
        try start(CATENA_VERB_CLOSE, CATENA_FROM_MY_NEXT, connection, message.handOver(), why, deadline, completion)
    }

    private func start(
        _ verb: UInt32, _ from: UInt32, _ connection: Connection, _ message: OpaquePointer?, _ why: Reason, _ deadline: UInt64?,
        _ completion: @escaping @Sendable (borrowing Answer) -> Void
    ) throws(ElementError) -> Operation {
        var what = catena_start()
        what.struct_size = UInt32(MemoryLayout<catena_start>.size)
        what.verb = verb
        what.from = from
        what.reason = why.rawValue
        what.deadline_ns = deadline ?? 0
        what.message = message
        let waiting = Unmanaged<AnswerReceiver>.passRetained(Completion(host, completion))
        let number = host.services.pointee.connection.pointee.start(
            host.pointer, connection.number, &what, AnswerReceiver.finish, waiting.toOpaque())
        guard let operation = Operation(number) else {
            waiting.release()  // 0: the completion will not come
            throw ElementError(.aborted, "no event for a connection that has ended or that this element has no turn of")
        }
        return operation
    }
}
