// SPDX-License-Identifier: Apache-2.0
// "connection/1": what an element may ask about a connection, and the calls it may begin for it.

internal import CatenaABI

enum ConnectionService {
    static let table = catena_connection_api(
        struct_size: UInt32(MemoryLayout<catena_connection_api>.size), reserved: 0,
        established: { host, number in
            connection(host, number)?.isOpen ?? false
        },
        last: { host, number in
            connection(host, number)?.lastGood
        },
        start: { host, number, what, done, argument in
            guard let instance = Instance.of(host), let what = what?.pointee else { return 0 }
            return start(instance, number, what, done, argument)
        },
        cancel: { host, number in
            guard let operation = Instance.of(host)?.engine.operations.find(number) else { return CATENA_GONE }
            operation.connection.home.post {
                operation.call?.cancel(CallError(CATENA_CANCELLED, "cancelled by the element that began it"))
            }
            return CATENA_OK
        },
        post: { host, number, leg, function, argument in
            guard let instance = Instance.of(host), let function, let connection = connection(host, number) else { return CATENA_GONE }
            let job = Posted(function: function, argument: argument)
            connection.home.post {
                // The anchor's slot is the record's: it is there as long as that.
                let isThere = connection.number == number || instance.position == connection.chain.anchor && instance.chain === connection.chain && connection.number != 0
                let slot = isThere ? connection.slot(for: instance, leg: leg) : nil
                instance.sites.run(.posted, for: connection) { job.run(slot) }
            }
            return CATENA_OK
        },
        id: { host, number, writer in
            guard let writer, let connection = Instance.of(host)?.engine.connectionIndex.recall(number) else { return CATENA_GONE }
            writer.pointee.put(writer.pointee.ctx, catena_view(ptr: connection.id.baseAddress, len: connection.id.count))
            return CATENA_OK
        })

    private static func connection(_ host: UnsafePointer<catena_host>?, _ number: UInt64) -> Connection? {
        Instance.of(host)?.engine.connectionIndex.find(number)
    }

    private static func start(
        _ instance: Instance, _ number: UInt64, _ what: catena_start, _ done: catena_done?, _ argument: UnsafeMutableRawPointer?
    ) -> UInt64 {
        let engine = instance.engine
        let given = Given(what.message.map { OwnedMessage(takingOver: $0, api: engine.messages) })
        guard let verb = Verb(rawValue: what.verb) else {
            engine.misbehaved(instance, "started a call with the verb \(what.verb)")
            return 0
        }
        guard let connection = engine.connectionIndex.find(number), !engine.isStopping else { return 0 }
        let isAfter = what.from == CATENA_FROM_MY_NEXT
        if isAfter, what.message == nil || !hasTurn(instance, of: connection) {
            engine.misbehaved(instance, "started a call just after itself, which takes a message and the connection's turn")
            return 0
        }
        let operation = Operation(
            of: connection, number, instance: instance, leg: 0, completion: .call(done), argument: argument, table: engine.operations)
        guard engine.operations.add(operation, while: engine.connectionIndex) else { return 0 }
        let (reason, deadline) = (what.reason, what.deadline_ns)
        connection.home.post {
            // Whoever ended the connection meanwhile has said so.
            guard !operation.isOver else { return }
            guard !engine.isEnding else {
                return operation.complete(error: CallError(CATENA_UNAVAILABLE, "the host stops", origin: instance.path), message: nil)
            }
            let isOpen = connection.isOpen || instance.position == connection.chain.anchor && isAfter
            guard isOpen, let message = given.message.take() ?? connection.copyOfLastGood() else {
                return operation.complete(
                    error: CallError(CATENA_CANCELLED, "the connection is not open: \(connection.idText)", origin: instance.path), message: nil)
            }
            if isAfter {
                engine.beginEvent(
                    verb, after: instance, of: connection, message: message, reason: reason, deadline: deadline, operation: operation)
            } else {
                engine.beginEvent(
                    verb, of: connection, message: message, reason: reason, deadline: deadline, operation: operation, caller: nil)
            }
        }
        return operation.number
    }

    /// The message that an element brings, on its way to the connection's loop.
    private final class Given: @unchecked Sendable {  // written here, taken there
        var message: OwnedMessage?
        init(_ message: consuming OwnedMessage?) { self.message = message }
    }

    /// May this element start a call just after itself? The anchor knows when it may; any other one needs a job.
    private static func hasTurn(_ instance: Instance, of connection: Connection) -> Bool {
        guard instance.chain === connection.chain, let anchor = instance.chain.anchor else { return false }
        return instance.position == anchor || connection.isLent(to: instance)
    }

    /// A function of an element on its way to another loop. The argument is the element's own, by its own rules.
    private struct Posted: @unchecked Sendable {
        let function: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void
        let argument: UnsafeMutableRawPointer?

        func run(_ slot: UnsafeMutableRawPointer?) { function(argument, slot) }
    }
}
