// SPDX-License-Identifier: Apache-2.0
// Where operations are found: by their number, when an element cancels one, and by their incarnation, when that ends and everyone who
// waits in its name is told. Both ways lead through the objects themselves, so a client call's coming and going allocates nothing.

internal import Synchronization

/// From an operation's number to the operation, and from an incarnation to all that ends with it. From any thread.
final class OperationTable: Sendable {
    private let state = Mutex(NumberedTable<Operation>())

    /// Puts an operation in and gives it its number, if its incarnation lives.
    ///
    /// - Parameter index: nil on the loop where the incarnation would end, when it is known to live.
    /// - Returns: false if the incarnation ended meanwhile, or there are too many, and nobody will complete the operation. Else whoever
    ///   ends the incarnation finds it here.
    func add(_ operation: Operation, while index: ConnectionIndex?) -> Bool {
        let isIn = state.withLock { table in
            guard let number = table.insert(operation) else { return false }
            operation.number = number
            operation.connection.operations.append(operation)
            return true
        }
        guard isIn, let index else { return isIn }
        // Who ends an incarnation first takes its number away, and then looks here.
        guard !index.has(operation.connectionNumber) else { return true }
        return !state.withLock { OperationTable.remove(operation, from: &$0) }
    }

    func find(_ number: UInt64) -> Operation? {
        state.withLock { $0.find(number) }
    }

    func remove(_ operation: Operation) {
        state.withLock { _ = OperationTable.remove(operation, from: &$0) }
    }

    /// Everything that was started in the name of an incarnation, in the order in which it was.
    func all(of connection: Connection, _ number: UInt64) -> [Operation] {
        state.withLock { _ in connection.operations.all { $0.connectionNumber == number } }
    }

    /// The same, taken out.
    func take(of connection: Connection, _ number: UInt64) -> [Operation] {
        state.withLock { table in
            let taken = connection.operations.all { $0.connectionNumber == number }
            for operation in taken { _ = OperationTable.remove(operation, from: &table) }
            return taken
        }
    }

    var count: Int { state.withLock { $0.count } }

    private static func remove(_ operation: Operation, from table: inout NumberedTable<Operation>) -> Bool {
        guard table.remove(operation.number) else { return false }
        operation.connection.operations.remove(operation)
        return true
    }
}

/// The operations of one connection, in the order in which they were started. Belongs to the table's lock, and the table keeps every
/// operation that is in a list.
struct OperationList {
    private var first: Unmanaged<Operation>?
    private var last: Unmanaged<Operation>?

    /// An operation's place among those of its connection.
    struct Links {
        fileprivate var previous: Unmanaged<Operation>?
        fileprivate var next: Unmanaged<Operation>?
    }

    fileprivate mutating func append(_ operation: Operation) {
        let here = Unmanaged.passUnretained(operation)
        operation.links = Links(previous: last, next: nil)
        if let last { last._withUnsafeGuaranteedRef { $0.links.next = here } } else { first = here }
        last = here
    }

    fileprivate mutating func remove(_ operation: Operation) {
        let links = operation.links
        if let previous = links.previous { previous._withUnsafeGuaranteedRef { $0.links.next = links.next } } else { first = links.next }
        if let next = links.next { next._withUnsafeGuaranteedRef { $0.links.previous = links.previous } } else { last = links.previous }
        operation.links = Links()
    }

    fileprivate func all(where isWanted: (Operation) -> Bool) -> [Operation] {
        var found: [Operation] = []
        var next = first
        while let operation = next?.takeUnretainedValue() {
            if isWanted(operation) { found.append(operation) }
            next = operation.links.next
        }
        return found
    }
}
