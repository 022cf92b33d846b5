// SPDX-License-Identifier: Apache-2.0
// A host that runs nothing: it offers the services, writes down what an element asks of them, and lets the test answer. What
// a test states against it is what the element does; what a chain makes of that, only the engine can say.
public import CatenaABI
public import CatenaElement
internal import Synchronization

/// The host of an element whose hooks a test calls; of a ``HookBench``.
public final class RecordingHost {
    // MARK: What it says

    /// The level of its log; an element may set it.
    public var level = LogLevel.info
    /// Its clock, in nanoseconds.
    public var now: UInt64 = 1_000_000
    /// Services that it does not offer, to see an element refuse.
    public var missing: Set<String> = []
    /// Connections that are established.
    public var established: Set<UInt64> = []
    /// The last good message of a connection.
    public var last: [UInt64: TestMessage] = [:]
    /// Connections that have ended: what is asked of them is refused.
    public var ended: Set<UInt64> = []
    /// Transports that newcomers do not get any more.
    public var retired: Set<UInt64> = []
    /// Calls through a leg are refused, as if it had ended.
    public var refusesCalls = false
    /// The caller's metadata, by lower-case key.
    public var metadata: [String: [String]] = [:]
    /// The caller's address; empty: none.
    public var peer = ""
    /// Which side an anchor is on.
    public var side = AnchorService.Side.server
    /// The chain takes no calls from outside, or has a monitor already.
    public var refusesMonitor = false
    /// Copies of messages are refused, as if there were no memory.
    public var refusesCopies: Bool {
        get { ledger.refusesCopies }
        set { ledger.refusesCopies = newValue }
    }

    // MARK: What was asked

    /// What was logged.
    public internal(set) var lines: [LogLine] = []
    /// References to transports that are held, with their URLs.
    public internal(set) var transports: [UInt64: String] = [:]
    /// How transports were asked for, in order, with the defaults filled in.
    public internal(set) var dialed: [DialOptions] = []
    /// Every leg that was opened.
    public internal(set) var legs: [UInt64: Leg] = [:]
    /// Calls through legs that wait for an answer, oldest first.
    public internal(set) var calls: [ClientCall] = []
    /// Operations that were cancelled, in order.
    public internal(set) var cancelled: [UInt64] = []
    /// Timers that are armed.
    public internal(set) var timers: [UInt64: Timer] = [:]
    /// Watches of the next hop that have not ended.
    public internal(set) var watches: [UInt64: Watch] = [:]
    /// Functions that were posted.
    public internal(set) var posts: [Post] = []
    /// Events that wait for an answer, oldest first.
    public internal(set) var events: [Event] = []
    /// Jobs of the executor that wait for the test, oldest first.
    public internal(set) var jobs: [Job] = []
    /// Numbers of jobs that have finished, in order.
    public internal(set) var finishedJobs: [UInt64] = []
    /// What an anchor has asked for, in order.
    public internal(set) var anchorWishes: [AnchorWish] = []
    /// Of how many connections subscribers of the chain's monitor may leave news unread; nil: nobody serves it.
    public internal(set) var monitorQueue: Int?
    /// What was published, in order.
    public internal(set) var published: [Publication] = []
    /// The time that a hook gave to what is below it, by its number.
    public internal(set) var limits: [UInt64: Duration] = [:]
    /// Copies of messages that the element has taken and not given back.
    public var copies: Int { ledger.copies }

    let ledger = MessageLedger()
    private(set) lazy var executorTable = makeExecutor()
    /// What is said of hooks comes from any thread.
    private let hooks = Mutex(Hooks())
    private var number: UInt64 = 100
    /// What the element was lent and may still look at.
    let texts = TextKeeper()
    private var lent: [OpaquePointer] = []
    /// Calls whose hook is PENDING, or was: their memory is the element's until it has resumed, whether the test keeps them or not.
    private var pendingCalls: [HookCall] = []

    private struct Hooks {
        var pending: [UInt64: OpaquePointerBits] = [:]
        var resumed: [(call: UInt64, answer: HookAnswer)] = []
        var errors: [UInt64: ElementError] = [:]
    }

    /// The table that the element was made with.
    public let pointer: UnsafePointer<catena_host>

    /// A host with every service.
    public init() {
        pointer = HostTables.makeHost()
        HostTables.bind(pointer, to: self)
    }

    deinit {
        pendingCalls = []
        lent.forEach { MessageLedger.table.pointee.release($0) }
        ledger.close()
        executorTable.deallocate()
        HostTables.free(pointer)
    }

    // MARK: Answers of hooks

    /// Every answer to a pending hook, in order.
    public var resumed: [Resumed] { hooks.withLock { $0.resumed.map { Resumed(call: $0.call, answer: $0.answer) } } }

    /// As ``resumed``, without the numbers.
    public var answers: [HookAnswer] { resumed.map(\.answer) }

    /// The host answers a pending hook by itself: what the element says later comes too late.
    public func end(call number: UInt64) { hooks.withLock { $0.pending[number] = nil } }

    func began(_ call: HookCall) {
        pendingCalls.append(call)
        hooks.withLock { $0.pending[call.number] = OpaquePointerBits(call.pointer) }
    }
    func takeError(_ number: UInt64) -> ElementError? { hooks.withLock { $0.errors.removeValue(forKey: number) } }
    func setError(_ number: UInt64, _ error: ElementError) { hooks.withLock { $0.errors[number] = error } }
    func message(of number: UInt64) -> OpaquePointer? { hooks.withLock { $0.pending[number] }?.pointer }

    func resume(_ number: UInt64, _ answer: HookAnswer) -> catena_status {
        hooks.withLock { hooks in
            guard hooks.pending.removeValue(forKey: number) != nil else { return CATENA_GONE }
            hooks.resumed.append((number, answer))
            return CATENA_OK
        }
    }

    // MARK: Answering

    /// Answers the call through a leg that waits longest: yes, with what it was sent, changed.
    public func answerCall(_ change: (inout TestMessage) -> Void = { _ in }) {
        let call = calls.removeFirst()
        var message = call.message
        change(&message)
        call.done(call.operation, message, ledger)
    }

    /// Fails the call through a leg that waits longest.
    public func failCall(_ error: ElementError) {
        let call = calls.removeFirst()
        call.done(call.operation, error: error)
    }

    /// Answers the event that waits longest: with its message, or the error.
    public func answerEvent(_ error: ElementError? = nil) {
        let event = events.removeFirst()
        if let error { return event.done(event.operation, error: error) }
        event.done(event.operation, event.message ?? last[event.connection] ?? TestMessage(id: "last"), ledger)
    }

    /// Fires the timer that was armed first, as if its time had come.
    public func fireTimer(_ slot: HookSlot) {
        guard let first = timers.keys.min(), let timer = timers.removeValue(forKey: first) else { return }
        timer.work(slot)
    }

    /// Runs what was posted.
    /// - Parameter slot: of the connection; nil: it has ended meanwhile.
    public func runPosts(_ slot: HookSlot?) {
        let waiting = posts
        posts = []
        for post in waiting { post.work(slot) }
    }

    func next() -> UInt64 {
        number += 1
        return number
    }

    /// Lends a message for as long as this host.
    func lend(_ message: TestMessage) -> OpaquePointer {
        let pointer = ledger.make(message)
        lent.append(pointer)
        return pointer
    }
}
