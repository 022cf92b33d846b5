// SPDX-License-Identifier: Apache-2.0
// Something an element started and may cancel: a timer, an event, a client call. Each ends exactly once for its element, before
// the slots of the connection it names are dropped.

internal import CatenaABI
internal import Synchronization

/// A timer, an event or a client call of an element. Its state belongs to the connection's home loop.
final class Operation: TimerNode, @unchecked Sendable {  // made on any thread, handed to the home loop, changed there only
    /// What is to happen in the end.
    enum Completion {
        case timer(@convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void)
        case call(catena_done?)
    }

    let number: UInt64
    let connection: Connection
    /// The incarnation that it was started in the name of, and ends with.
    let connectionNumber: UInt64
    private let completion: Completion
    private let argument: UnsafeMutableRawPointer?
    private let instance: Instance
    /// The leg whose slot a timer is given, or that a client call goes over; else 0.
    let leg: UInt64
    private let table: OperationTable
    /// The call that does the work, once it has begun.
    var call: CallReference?
    private(set) var isOver = false

    init(
        of connection: Connection, _ connectionNumber: UInt64, instance: Instance, leg: UInt64, completion: Completion,
        argument: UnsafeMutableRawPointer?, table: OperationTable
    ) {
        number = table.newNumber()
        self.connection = connection
        self.connectionNumber = connectionNumber
        self.instance = instance
        self.leg = leg
        self.completion = completion
        self.argument = argument
        self.table = table
    }

    /// The answer has come. On the loop.
    func complete(error: CallError?, message: OpaquePointer?) {
        guard finish() else { return }
        guard case .call(let done?) = completion else { return }
        instance.sites.run(.done, for: connection) { done(argument, number, error?.pointer, error == nil ? message : nil) }
    }

    /// The connection ends: a timer is forgotten, a call answered for. A Close goes on all the same. On the loop.
    func abandon(_ error: CallError) {
        connection.home.disarm(self)
        complete(error: error, message: nil)
        call?.cancelRequest(error)
    }

    /// A timer is withdrawn. On the loop.
    ///
    /// - Returns: false if it has fired or was withdrawn before, or is no timer.
    func withdraw() -> Bool {
        guard case .timer = completion, finish() else { return false }
        connection.home.disarm(self)
        return true
    }

    override func fire() {
        guard finish(), case .timer(let function) = completion else { return }
        instance.sites.run(.timer, for: connection) { function(argument, connection.slot(for: instance, leg: leg)) }
    }

    private func finish() -> Bool {
        guard !isOver else { return false }
        isOver = true
        table.remove(self)
        return true
    }
}

extension Connection {
    /// The slot that a timer or posted function is given.
    func slot(for instance: Instance, leg number: UInt64) -> UnsafeMutableRawPointer? {
        if instance.chain === chain { return slot(of: instance) }
        return legs.first { $0.number == number && $0.chain === instance.chain }?.slot(of: instance)
    }
}

/// From an operation's number to the operation, and from an incarnation to all that ends with it. From any thread.
final class OperationTable: Sendable {
    private struct State {
        var operations: [UInt64: Operation] = [:]
        var byConnection: [UInt64: Set<UInt64>] = [:]

        mutating func remove(_ operation: Operation) -> Bool {
            guard operations.removeValue(forKey: operation.number) != nil else { return false }
            byConnection[operation.connectionNumber]?.remove(operation.number)
            if byConnection[operation.connectionNumber]?.isEmpty == true { byConnection[operation.connectionNumber] = nil }
            return true
        }
    }

    private let counter = Atomic<UInt64>(0)
    private let state = Mutex(State())

    func newNumber() -> UInt64 { counter.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Puts an operation in, if its incarnation lives.
    ///
    /// - Returns: false if the incarnation ended meanwhile, and nobody will complete the operation. Else whoever ends the incarnation
    ///   finds it here.
    func add(_ operation: Operation, while index: ConnectionIndex) -> Bool {
        state.withLock { state in
            state.operations[operation.number] = operation
            state.byConnection[operation.connectionNumber, default: []].insert(operation.number)
        }
        // Who ends an incarnation first takes its number away, and then looks here.
        guard index.find(operation.connectionNumber) == nil else { return true }
        return !state.withLock { $0.remove(operation) }
    }

    func find(_ number: UInt64) -> Operation? {
        state.withLock { $0.operations[number] }
    }

    func remove(_ operation: Operation) {
        state.withLock { _ = $0.remove(operation) }
    }

    /// Everything that was started in the name of an incarnation, in the order in which it was.
    func all(of connectionNumber: UInt64) -> [Operation] {
        state.withLock { state in
            (state.byConnection[connectionNumber] ?? []).sorted().compactMap { state.operations[$0] }
        }
    }

    /// The same, taken out.
    func take(of connectionNumber: UInt64) -> [Operation] {
        state.withLock { state in
            (state.byConnection.removeValue(forKey: connectionNumber) ?? []).sorted().compactMap {
                state.operations.removeValue(forKey: $0)
            }
        }
    }

    var count: Int { state.withLock { $0.operations.count } }
}
