// SPDX-License-Identifier: Apache-2.0
// A host that runs nothing: it offers the services, writes down what an element asks of them, and lets the test answer.
// Whoever wants to see a chain run uses the engine.
public import CatenaABI
internal import Synchronization

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

    /// A timer that waits for its test to fire it.
    public struct Timer {
        public let connection: UInt64, leg: UInt64, time: UInt64
        let function: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void
        let argument: UnsafeMutableRawPointer?
    }

    /// A posted function that waits for its test to run it.
    public struct Post {
        public let connection: UInt64
        let function: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void
        let argument: UnsafeMutableRawPointer?
    }

    /// An event that waits for its test to answer it.
    public struct Event {
        public let connection: UInt64, verb: UInt32, from: UInt32, reason: UInt32, deadline: UInt64
        public let message: FakeMessage?
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
    public private(set) var timers: [UInt64: Timer] = [:]
    public private(set) var posts: [Post] = []
    public private(set) var events: [Event] = []
    /// Connections that have ended: what is asked of them is refused.
    public var ended: Set<UInt64> = []
    public private(set) var limits: [UInt64: UInt64] = [:]
    public var metadata: [String: [String]] = [:]
    public var peer = ""
    private var texts: [FakeMessage] = []
    private var number: UInt64 = 100
    private let resuming = Mutex(())

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
        let said = FakeVerdict(verdict, error.map { FakeError($0) })
        return resuming.withLock { _ in
            guard pending.removeValue(forKey: call) != nil else { return CATENA_GONE }
            resumed.append((call, said))
            return CATENA_OK
        }
    }

    /// What was said by resume, while other threads may still say it.
    public var answers: [FakeVerdict] { resuming.withLock { _ in resumed.map(\.verdict) } }

    /// Fires the timer that was set first, as if its time had come.
    public func fire(_ slot: Memory) {
        guard let number = timers.keys.min(), let timer = timers.removeValue(forKey: number) else { return }
        timer.function(timer.argument, slot.bytes)
    }

    /// Runs what was posted; nil: the connection has ended meanwhile.
    public func runPosts(_ slot: Memory?) {
        let waiting = posts
        posts = []
        for post in waiting { post.function(post.argument, slot?.bytes) }
    }

    /// Answers the event that waits longest.
    public func answerEvent(_ error: FakeError? = nil) {
        let event = events.removeFirst()
        guard let error else { return event.done(event.argument, event.operation, nil, (event.message ?? FakeMessage(id: "last")).pointer) }
        error.withC { event.done(event.argument, event.operation, $0, nil) }
    }

    func setTimer(_ timer: Timer) -> UInt64 {
        if ended.contains(timer.connection) { return 0 }
        let number = next()
        timers[number] = timer
        return number
    }

    func cancelTimer(_ number: UInt64) -> Bool { timers.removeValue(forKey: number) != nil }

    func post(_ post: Post) -> catena_status {
        if ended.contains(post.connection) { return CATENA_GONE }
        posts.append(post)
        return CATENA_OK
    }

    func start(
        _ connection: UInt64, _ what: UnsafePointer<catena_start>, _ done: @escaping catena_done, _ argument: UnsafeMutableRawPointer?
    ) -> UInt64 {
        let message = what.pointee.message.map { Unmanaged<FakeMessage>.fromOpaque(UnsafeRawPointer($0)).takeRetainedValue() }
        message?.ledger.copies -= 1
        if ended.contains(connection) { return 0 }
        let operation = next()
        events.append(
            Event(
                connection: connection, verb: what.pointee.verb, from: what.pointee.from, reason: what.pointee.reason,
                deadline: what.pointee.deadline_ns, message: message, operation: operation, done: done, argument: argument))
        return operation
    }

    func limit(_ call: UInt64, _ span: UInt64) -> catena_status {
        if span == 0 { return CATENA_MISUSE }
        limits[call] = span
        return CATENA_OK
    }

    /// A text that stays as long as this host.
    func lend(_ text: String) -> catena_str {
        let keeper = FakeMessage()
        texts.append(keeper)
        return keeper.lendText(text)
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
