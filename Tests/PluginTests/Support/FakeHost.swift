// SPDX-License-Identifier: Apache-2.0
// A host that runs nothing: it offers the services, writes down what an element asks of them, and lets the test answer.
// Whoever wants to see a chain run uses the engine.
public import CatenaABI

public final class FakeHost {
    public struct Line: Equatable {
        public let level: UInt32
        public let text: String
        public let fields: [String: String]
    }

    /// A client call that waits for its test to answer.
    public struct ClientCall {
        public let leg: UInt64, verb: UInt32, reason: UInt32, parent: UInt64
        public let message: FakeMessage
        let operation: UInt64
        let done: catena_done
        let argument: UnsafeMutableRawPointer?
    }

    public struct Leg {
        public let url: String
        public var transport: UInt64
        public var dropped: UInt32?
    }

    public var level: UInt32 = CATENA_LOG_INFO
    public var time: UInt64 = 1_000_000
    public private(set) var lines: [Line] = []
    /// What was said with set_error, and by resume.
    public private(set) var errors: [UInt64: FakeError] = [:]
    public private(set) var resumed: [(call: UInt64, verdict: FakeVerdict)] = []
    /// Messages of pending calls; a ticket that is not here is over.
    public var pending: [UInt64: FakeMessage] = [:]
    public var established: Set<UInt64> = []
    public var last: [UInt64: FakeMessage] = [:]
    /// References held, by transport number.
    public private(set) var transports: [UInt64: String] = [:]
    public var retired: Set<UInt64> = []
    public private(set) var dialTimeouts: [UInt64] = []
    public private(set) var legs: [UInt64: Leg] = [:]
    public private(set) var calls: [ClientCall] = []
    public private(set) var cancelled: [UInt64] = []
    /// Leg calls are answered with 0, as for a leg that has ended.
    public var refusesCalls = false
    /// Not offered, to see an element refuse.
    public var missing: Set<String> = []
    private var number: UInt64 = 100

    public let pointer: UnsafeMutablePointer<catena_host>

    public init() {
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: catena_host())
        pointer.pointee.struct_size = UInt32(MemoryLayout<catena_host>.size)
        pointer.pointee.ctx = Unmanaged.passUnretained(self).toOpaque()
        pointer.pointee.service = { host, id in
            let id = String(cString: id!)
            return FakeHost.at(host).missing.contains(id) ? nil : FakeServices.table(id)
        }
        pointer.pointee.resume = { host, call, verdict, error in FakeHost.at(host).resume(call, verdict, error) }
        pointer.pointee.set_error = { host, call, error in FakeHost.at(host).errors[call] = FakeError(error!) }
        pointer.pointee.alloc = { _, _, _ in nil }
    }

    deinit { pointer.deallocate() }

    static func at(_ host: UnsafePointer<catena_host>?) -> FakeHost {
        Unmanaged<FakeHost>.fromOpaque(host!.pointee.ctx).takeUnretainedValue()
    }

    func next() -> UInt64 {
        number += 1
        return number
    }

    /// Answers the client call that waits longest.
    public func answer(_ change: (FakeMessage) -> Void = { _ in }) {
        let call = calls.removeFirst()
        change(call.message)
        call.done(call.argument, call.operation, nil, call.message.pointer)
    }

    /// Fails the client call that waits longest.
    public func fail(_ error: FakeError) {
        let call = calls.removeFirst()
        error.withC { call.done(call.argument, call.operation, $0, nil) }
    }

    private func resume(_ call: UInt64, _ verdict: catena_verdict, _ error: UnsafePointer<catena_error>?) -> catena_status {
        guard pending.removeValue(forKey: call) != nil else { return CATENA_GONE }
        resumed.append((call, FakeVerdict(verdict, error.map { FakeError($0) })))
        return CATENA_OK
    }

    func write(_ line: Line) { lines.append(line) }

    func acquire(_ url: String, dialTimeout: UInt64) -> UInt64 {
        let transport = next()
        transports[transport] = url
        dialTimeouts.append(dialTimeout)
        return transport
    }

    func release(_ transport: UInt64) { transports[transport] = nil }

    func openLeg(_ transport: UInt64) -> UInt64 {
        let leg = next()
        legs[leg] = Leg(url: transports[transport] ?? "", transport: transport)
        return leg
    }

    func call(
        _ leg: UInt64, _ what: UnsafePointer<catena_leg_call>, _ done: @escaping catena_done, _ argument: UnsafeMutableRawPointer?
    ) -> UInt64 {
        let message = Unmanaged<FakeMessage>.fromOpaque(UnsafeRawPointer(what.pointee.message!)).takeRetainedValue()
        message.ledger.copies -= 1
        if refusesCalls { return 0 }
        let operation = next()
        calls.append(
            ClientCall(
                leg: leg, verb: what.pointee.verb, reason: what.pointee.reason, parent: what.pointee.parent, message: message,
                operation: operation, done: done, argument: argument))
        return operation
    }

    func dropLeg(_ leg: UInt64, _ why: UInt32) {
        guard let transport = legs[leg]?.transport, legs[leg]?.dropped == nil else { return }
        release(transport)
        legs[leg]?.dropped = why
    }

    func rebind(_ leg: UInt64, _ transport: UInt64) {
        if let old = legs[leg]?.transport { release(old) }
        legs[leg]?.transport = transport
    }

    func cancel(_ operation: UInt64) { cancelled.append(operation) }
}
