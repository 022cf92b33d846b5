// SPDX-License-Identifier: Apache-2.0
// Something an element started and may cancel: a timer, a watch, an event, a client call. Each ends exactly once for its element,
// before the slots of the connection it names are dropped.

internal import CatenaABI

/// A timer, a watch, an event or a client call of an element. Its state belongs to the connection's home loop.
final class Operation: TimerNode, @unchecked Sendable {  // made on any thread, handed to the home loop, changed there only
    /// What is to happen in the end.
    enum Completion {
        case timer(@convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void)
        case call(catena_done?)
        case watch(catena_watch_fn)
    }

    /// What its element knows it by; given by the table.
    var number: UInt64 = 0
    unowned(unsafe) private(set) var connection: Connection
    /// Keeps the connection; nil while this is a spare one.
    private var keeper: Connection?
    /// The incarnation that it was started in the name of, and ends with.
    private(set) var connectionNumber: UInt64
    private var completion: Completion
    private var argument: UnsafeMutableRawPointer?
    /// The engine owns both, and no operation is used after it.
    private unowned(unsafe) var instance: Instance
    private unowned(unsafe) let table: OperationTable
    /// The leg whose slot a timer is given, or that a client call goes over; else 0.
    private(set) var leg: UInt64
    /// Belongs to the table's lock.
    var links = OperationList.Links()
    /// The call that does the work, once it has begun.
    var call: CallReference?
    private(set) var isOver = false

    init(
        of connection: Connection, _ connectionNumber: UInt64, instance: Instance, leg: UInt64, completion: Completion,
        argument: UnsafeMutableRawPointer?, table: OperationTable
    ) {
        self.connection = connection
        keeper = connection
        self.connectionNumber = connectionNumber
        self.instance = instance
        self.leg = leg
        self.completion = completion
        self.argument = argument
        self.table = table
    }

    /// As new, for a client call over `leg`. Only where nobody else holds it.
    func renew(over leg: Leg, by instance: Instance, _ completion: Completion, _ argument: UnsafeMutableRawPointer?) {
        connection = leg.connection
        keeper = connection
        connectionNumber = leg.connectionNumber
        self.leg = leg.number
        self.instance = instance
        self.completion = completion
        self.argument = argument
        call = nil
        isOver = false
    }

    /// It is over, and kept to be renewed.
    func rest() { keeper = nil }

    func isOf(_ other: Instance) -> Bool { instance === other }

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

    /// A timer or a watch is withdrawn. On the loop.
    ///
    /// - Returns: false if it has fired or was withdrawn before, or is neither.
    func withdraw() -> Bool {
        switch completion {
        case .call: return false
        case .timer, .watch:
            guard finish() else { return false }
            connection.home.disarm(self)
            return true
        }
    }

    override func fire() {
        guard finish(), case .timer(let function) = completion else { return }
        instance.sites.run(.timer, for: connection) { function(argument, connection.slot(for: instance, leg: leg)) }
    }

    /// A watch has something to tell. On the loop, and not inside a hook.
    func see(_ sight: catena_sight, _ message: OpaquePointer?, _ error: CallError?) {
        guard !isOver, case .watch(let function) = completion else { return }
        instance.sites.run(.watch, for: connection) {
            function(argument, connection.slot(for: instance, leg: leg), sight, message, error?.pointer)
        }
    }

    private func finish() -> Bool {
        guard !isOver else { return false }
        isOver = true
        table.remove(self)
        if case .watch = completion { connection.endWatch(self) }
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
