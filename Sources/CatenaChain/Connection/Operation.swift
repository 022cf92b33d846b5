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
        number: UInt64, connection: Connection, instance: Instance, leg: UInt64, completion: Completion,
        argument: UnsafeMutableRawPointer?, table: OperationTable
    ) {
        self.number = number
        self.connection = connection
        self.instance = instance
        self.leg = leg
        self.completion = completion
        self.argument = argument
        self.table = table
    }

    /// The answer has come. On the loop.
    func complete(error: CallError?, message: OpaquePointer?) {
        guard finish() else { return }
        if case .call(let done) = completion { done?(argument, number, error?.pointer, error == nil ? message : nil) }
    }

    /// The connection ends: a timer is forgotten, a call answered for. On the loop.
    func abandon(_ error: CallError) {
        connection.home.disarm(self)
        complete(error: error, message: nil)
        call?.cancel(error)
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
        function(argument, connection.slot(for: instance, leg: leg))
    }

    private func finish() -> Bool {
        guard !isOver else { return false }
        isOver = true
        connection.operations.removeValue(forKey: number)
        table.remove(number)
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

/// From an operation's number to the operation, from any thread.
final class OperationTable: Sendable {
    private let counter = Atomic<UInt64>(0)
    private let operations = Mutex<[UInt64: Operation]>([:])

    func newNumber() -> UInt64 { counter.wrappingAdd(1, ordering: .relaxed).newValue }

    func add(_ operation: Operation) {
        operations.withLock { $0[operation.number] = operation }
    }

    func find(_ number: UInt64) -> Operation? {
        operations.withLock { $0[number] }
    }

    func remove(_ number: UInt64) {
        operations.withLock { _ = $0.removeValue(forKey: number) }
    }

    var count: Int { operations.withLock { $0.count } }
}
