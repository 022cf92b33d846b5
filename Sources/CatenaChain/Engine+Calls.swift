// SPDX-License-Identifier: Apache-2.0
// The three ways in: a call from outside at the head of a served chain, an event at the anchor or just after an element, and a
// client call through a leg. All of them become the same `Call`.

internal import CatenaABI

extension Engine {
    /// Begins a call at the head of a served chain. On the loop of `home`.
    ///
    /// - Parameters:
    ///   - message: taken over.
    ///   - deadline: when the caller wants to be answered, in nanoseconds of the loop's clock; 0: never.
    ///   - caller: told once, perhaps before this returns.
    /// - Returns: to say that the caller has left; nil if the call was refused, and the caller has been told.
    @discardableResult
    package func begin(
        _ verb: Verb, on chain: LinkedChain, message: consuming OwnedMessage, deadline: UInt64, caller: consuming any Caller, home: Home
    ) -> CallReference? {
        guard let call = chain.pool.take(home, for: chain) else {
            caller.answer(error: CallError(CATENA_RESOURCE_EXHAUSTED, "too many calls are under way", origin: chain.path), message: nil)
            return nil
        }
        call.prepare(verb, message: message, home: home, values: nil)
        call.caller = caller
        call.stage = chain.anchor == nil ? .inBelow : .inAbove
        if chain.anchor == nil, verb == .request {
            call.isFirst = true
            call.cell.pointee.hop.flags = CATENA_HOP_FIRST
        }
        call.callerDeadline = deadline
        if verb == .close {
            call.limit = home.loop.now() &+ options.closeTimeout
            call.cell.pointee.hop.deadline_ns = call.limit
        } else {
            call.cell.pointee.hop.deadline_ns = deadline
        }
        call.isOutside = true
        underWay.begin(isOutside: true)
        let reference = CallReference(call)
        if home.isRunning {
            home.ready(call)
        } else {
            home.enter { call.proceed() }
        }
        if deadline != 0, reference.isLive, !call.isAnswered { home.arm(call.callerTimer, at: deadline) }
        return reference
    }

    /// Closes a connection as an event at its anchor. On its home loop; runs later.
    func close(_ connection: Connection, incarnation: UInt64, reason: catena_reason, completion: @escaping @Sendable () -> Void) {
        let waiter = Waiter(completion)
        connection.home.post {
            guard connection.number == incarnation, let last = connection.copyOfLastGood() else { return completion() }
            self.beginEvent(.close, of: connection, message: last, reason: reason, deadline: 0, operation: nil, caller: waiter)
        }
    }

    /// Begins an event at the anchor. On the connection's home loop.
    func beginEvent(
        _ verb: Verb, of connection: Connection, message: consuming OwnedMessage, reason: catena_reason, deadline: UInt64,
        operation: Operation?, caller: (any Caller)?
    ) {
        let chain = connection.chain
        guard let anchor = chain.anchor, let call = eventCall(verb, of: connection, message: message, reason: reason, deadline: deadline) else {
            let error = CallError(CATENA_RESOURCE_EXHAUSTED, "too many calls are under way", origin: chain.path)
            operation?.complete(error: error, message: nil)
            caller?.answer(error: error, message: nil)
            return
        }
        call.operation = operation
        call.caller = caller
        operation?.call = CallReference(call)
        call.stage = .inAnchor
        call.floor = anchor
        call.entered = anchor
        call.eventFor = connection.number
        let program = verb == .request ? chain.requests : chain.closes
        call.cell.pointee.cursor = program.insBefore[anchor]
        connection.home.ready(call)
    }

    /// Begins an event just after an element, inside the turn that it has. On the connection's home loop, not inside a hook.
    func beginEvent(
        _ verb: Verb, after instance: Instance, of connection: Connection, message: consuming OwnedMessage, reason: catena_reason,
        deadline: UInt64, operation: Operation
    ) {
        guard !connection.isBusy || connection.keepsBack || !instance.type.isAnchor else {
            misbehaved(instance, "started a call just after itself while another one was below")
            return operation.complete(
                error: CallError(CATENA_FAILED_PRECONDITION, "the connection's turn is taken", origin: instance.path), message: nil)
        }
        guard let call = eventCall(verb, of: connection, message: message, reason: reason, deadline: deadline) else {
            return operation.complete(
                error: CallError(CATENA_RESOURCE_EXHAUSTED, "too many calls are under way", origin: connection.chain.path), message: nil)
        }
        call.operation = operation
        operation.call = CallReference(call)
        call.stage = .atTurn
        call.floor = instance.position + 1
        call.entered = call.floor
        call.holdsConnection = true
        call.eventFor = connection.number
        call.proceed()
    }

    func eventCall(
        _ verb: Verb, of connection: Connection, message: consuming OwnedMessage, reason: catena_reason, deadline: UInt64
    ) -> Call? {
        let home = connection.home
        guard let call = connection.chain.pool.take(home, for: connection.chain) else { return nil }
        call.prepare(verb, message: message, home: home, values: nil)
        if let values = call.values { connection.restoreKept(into: values, for: verb) }
        connection.chain.connections.join(connection)
        call.connection = connection
        call.reason = reason
        call.cell.pointee.hop.reason = reason
        call.cell.pointee.hop.flags = CATENA_HOP_EVENT
        let time = verb == .close ? options.closeTimeout : options.eventTimeout
        call.limit = deadline == 0 ? home.loop.now() &+ time : deadline
        call.isTimed = deadline != 0
        call.cell.pointee.hop.deadline_ns = call.limit
        underWay.begin(isOutside: false)
        return call
    }

    /// Begins a call through a leg. On the connection's home loop; runs later.
    func beginClient(
        _ verb: Verb, over leg: Leg, message: consuming OwnedMessage, reason: catena_reason, deadline: UInt64, parent: Call?,
        operation: Operation
    ) {
        let home = leg.connection.home
        guard let call = leg.chain.pool.take(home, for: leg.chain) else {
            let error = CallError(CATENA_RESOURCE_EXHAUSTED, "too many calls are under way", origin: leg.chain.path)
            // A completion never comes inside the call that asks for it.
            return home.ready { operation.complete(error: error, message: nil) }
        }
        call.prepare(verb, message: message, home: home, values: parent?.values.map { UnsafeRawPointer($0) })
        if parent == nil, let values = call.values { leg.connection.restoreKept(into: values, for: verb) }
        call.operation = operation
        operation.call = CallReference(call)
        call.leg = leg
        call.reason = reason
        call.stage = .inBelow
        if let parent {
            call.parent = Call.Parent(parent)
            parent.children.append(CallReference(call))
        }
        call.cell.pointee.connectionBase = leg.slots
        call.cell.pointee.hop.flags = parent.map { $0.cell.pointee.hop.flags & CATENA_HOP_EVENT } ?? CATENA_HOP_EVENT
        call.cell.pointee.hop.conn = leg.connectionNumber
        call.cell.pointee.hop.leg = leg.number
        call.cell.pointee.hop.reason = reason
        let inherited = parent?.cell.pointee.hop.deadline_ns ?? 0
        let time = verb == .close ? options.closeTimeout : options.eventTimeout
        call.limit = deadline != 0 ? deadline : inherited != 0 ? inherited : parent == nil || verb == .close ? home.loop.now() &+ time : 0
        call.cell.pointee.hop.deadline_ns = call.limit
        underWay.begin(isOutside: false)
        leg.enqueue(call)
    }

    /// Waits for an event of the engine's own.
    private final class Waiter: Caller {
        private let completion: @Sendable () -> Void
        init(_ completion: @escaping @Sendable () -> Void) { self.completion = completion }
        var peer: String { "" }
        func metadata(_ key: String, _ index: Int) -> UnsafeBufferPointer<UInt8>? { nil }
        func answer(error: CallError?, message: OpaquePointer?) { completion() }
    }
}
