// SPDX-License-Identifier: Apache-2.0
// Operations of client calls that are over, for those that come. They are the loop's and not each leg's: of a hundred thousand legs
// nearly all have no call under way.

/// Operations that nobody uses. Belongs to a home's loop.
struct SpareOperations {
    /// As many as there are client calls under way at a time on a busy loop.
    private static let limit = 256

    private var operations: ContiguousArray<Operation> = []

    /// The operation of a client call that an element begins over this leg, in the name of its connection.
    mutating func take(
        over leg: Leg, by instance: Instance, _ completion: Operation.Completion, _ argument: UnsafeMutableRawPointer?
    ) -> Operation {
        guard let operation = operations.popLast() else {
            return Operation(
                of: leg.connection, leg.connectionNumber, instance: instance, leg: leg.number, completion: completion,
                argument: argument, table: leg.chain.engine.operations)
        }
        operation.renew(over: leg, by: instance, completion, argument)
        return operation
    }

    /// The operation is over, for its element as well.
    /// - Parameter operation: taken out, unless somebody else still holds it who is about to cancel it, or enough are kept.
    mutating func keep(_ operation: inout Operation?) {
        guard operations.count < Self.limit, isKnownUniquelyReferenced(&operation), let spare = operation.take() else { return }
        spare.rest()
        operations.append(spare)
    }
}
