// SPDX-License-Identifier: Apache-2.0
// One Request or Close on its way through a chain. It is a state machine that runs until an element wants to wait: no thread is
// held meanwhile, no hook runs inside another, and what comes next is written here and nowhere else.

internal import CatenaABI
internal import Synchronization

/// A call. Pooled: the same object serves one call after another, and `serial` tells them apart.
///
/// Runs on one loop at a time: above the anchor on the loop where it arrived, from the anchor down on its connection's home.
/// It is handed over by `Home.post`, which orders what was written before with what is read after.
///
/// Exclusive access to what it holds is not checked while it runs: one loop at a time has the call, and no access to a property lasts
/// while a hook or a transport runs. The checks cost a tenth of what a call does.
package final class Call: TransportCaller, @unchecked Sendable {  // the two sentences above; `cell.word` and `mail` are the only doors for others
    /// Where the call stands.
    enum Stage {
        /// On the way in, above the anchor.
        case inAbove
        /// At the anchor: waiting for its loop, or in the anchor's hook.
        case inAnchor
        /// On the way in below the anchor, or in a chain that has none.
        case inBelow
        /// Below the last element of a client chain: at the next hop.
        case tail
        case outBelow
        /// The end of an incarnation that was cancelled: one element after another.
        case removing
        /// Before its first element: it begins in the middle, when nothing is below.
        case atTurn
        case outAnchor
        case outAbove
        /// In the pool.
        case idle
    }

    /// What the element that is waited for was asked.
    enum Waiting {
        case nothing, inHook, outHook, undo, transport, connectionClose
    }

    let cell: UnsafeMutablePointer<CallCell>
    let chain: LinkedChain
    /// Owns this object, through the table of calls, and outlives it.
    unowned(unsafe) let engine: Engine
    let underWay: CallsUnderWay
    /// The next one in the list of idle calls.
    var nextIdle: Unmanaged<Call>?
    let plan: UnsafePointer<ChainPlan>
    /// Raised when the object serves another call. Read by whoever kept a reference, on any loop.
    let serial = Atomic<UInt64>(0)

    // What it is.
    var verb = Verb.request
    /// Owns what `hop.message` points to.
    @exclusivity(unchecked) var message: OwnedMessage?
    /// The home of the loop where it arrived. Homes are the engine's, and outlive every call.
    unowned(unsafe) var arrival: Home
    /// The home that runs it now. `whereabouts` is its number, for the loop where the call arrived.
    var home: Home {
        get { runner.takeUnretainedValue() }
        set {
            runner = .passUnretained(newValue)
            whereabouts.store(newValue.number, ordering: .releasing)
            cell.pointee.counters = newValue.counters.cells
        }
    }
    /// The same, for what is done often: no reference is counted.
    private(set) var runner: Unmanaged<Home>
    let whereabouts = Atomic<Int>(0)
    @exclusivity(unchecked) var caller: (any Caller)?
    @exclusivity(unchecked) var operation: Operation?
    /// It came from outside: the host waits for it when it stops.
    var isOutside = false
    @exclusivity(unchecked) var leg: Leg? { didSet { lentLeg = leg.map(Unmanaged.passUnretained) } }
    @exclusivity(unchecked) var connection: Connection? { didSet { record = connection.map(Unmanaged.passUnretained) } }
    /// `leg` and `connection` for what is done in each call: they are the call's until it is recycled, and no reference is counted.
    private(set) var lentLeg: Unmanaged<Leg>?
    private(set) var record: Unmanaged<Connection>?
    /// Positions below this one are not for this call: it began in the middle.
    var floor = 0
    /// An event: the incarnation it is for.
    var eventFor: UInt64 = 0
    /// The reason that elements are shown.
    var reason = CATENA_CALLER
    /// The hook that waits for this client call.
    @exclusivity(unchecked) var parent: Parent?
    /// Client calls that the hook which is waited for has begun; some may have ended.
    @exclusivity(unchecked) var children: [CallReference] = []
    /// The first element on the way in that must not be entered. Instances are the engine's, and outlive every call.
    @exclusivity(unchecked) unowned(unsafe) var barrier: Instance?
    /// Elements that were answered for in this call: they are not called in it any more.
    @exclusivity(unchecked) var writtenOff: [Instance] = []
    /// The call is over, and these still owe an answer to it.
    @exclusivity(unchecked) var parkedFor: [Instance] = []
    /// Places of the context values that replaced one another when elements were written off.
    @exclusivity(unchecked) var ownValues: [UnsafeMutableRawPointer] = []

    // Where it is.
    var stage = Stage.idle
    var waiting = Waiting.nothing
    /// The hook that is waited for: its instance. Instances are the engine's, and outlive every call.
    var waitingFor: Unmanaged<Instance>?
    var waitingInstance: Instance? { waitingFor?.takeUnretainedValue() }
    /// The answer of the hook that was waited for; of a hook that undoes.
    @exclusivity(unchecked) var answer: catena_verdict?
    @exclusivity(unchecked) var undoAnswer: catena_verdict?
    /// Elements before this position have been entered: what a rollback undoes.
    var entered = 0
    /// Elements before this position were shown the call.
    var reached = 0
    var isFirst = false
    /// The connection is bound: the call is between its anchor's way in and way out.
    var isBound = false
    /// The call got past the anchor, to the elements below.
    var wentBelow = false
    /// The part below the anchor failed.
    var failedBelow = false
    /// A guard refused this Close: nothing has changed.
    var isRefused = false
    /// A first Request on what a failed Close has left: if it fails, every element is closed, entered or not.
    var undoesAll = false
    /// The first Request was committed at the anchor in this call: the incarnation, and how often the connection had been bound.
    @exclusivity(unchecked) var committed: (incarnation: UInt64, binds: UInt64)?
    /// How many Closes had been below when this call came to the anchor.
    var closesSeen: UInt64 = 0
    /// The anchor's way-in hook ended in NEXT.
    var passedAnchor = false
    /// It had to wait behind the anchor, for what the anchor does not know of.
    var wasKeptBack = false
    /// The next hop has said yes in this call.
    var tailEntered = false
    var isUndoing = false
    var wasUndone = false
    var undoing = UndoStep.close
    var attempt: UInt32 = 1

    // How it ends.
    @exclusivity(unchecked) var error: CallError?
    /// What an element gave as its reason, and in which hook: one that then did not fail has given none.
    @exclusivity(unchecked) var givenError: (step: UInt64, error: CallError)?
    @exclusivity(unchecked) var cancelError: CallError?
    /// The hook whose element has been told that it is not waited for.
    var cancelledStep: UInt64 = 0
    var isAnswered = false
    /// The whole call is cancelled, not only a part of it whose time is over.
    var isCancelled = false
    /// An event that began in the middle keeps its connection by itself.
    var holdsConnection = false
    /// When the caller is answered; 0: never.
    var callerDeadline: UInt64 = 0
    /// When the call itself runs out; 0: never.
    var limit: UInt64 = 0
    /// An element said when its Close runs out; otherwise the time counts from where the Close has its turn.
    var isTimed = false
    @exclusivity(unchecked) var scopes: [TimeScope] = []
    @exclusivity(unchecked) var snapshots: [Snapshot] = []
    @exclusivity(unchecked) var transportCall: (any TransportCall)?
    @exclusivity(unchecked) var transportAnswer: TransportAnswer?
    /// Number of the call to the next hop that is waited for.
    var transportStep: UInt64 = 0
    @exclusivity(unchecked) var arena = CallArena()
    @exclusivity(unchecked) var savedHop: (flags: UInt32, deadline: UInt64, reason: catena_reason, limit: UInt64, executor: UnsafeRawPointer?)?

    let callerTimer: CallTimer
    let limitTimer: CallTimer
    /// Runs while an element that was told to let go has not done so.
    let owedTimer: CallTimer
    /// What another thread left for the hook that is waited for.
    let mail = Mutex(Mailbox())

    enum UndoStep { case close, closeReply }

    /// The hook of a call that waits for a client call. Call objects are the engine's, and outlive every use of them.
    struct Parent {
        private let call: Unmanaged<Call>
        private let ticket: UInt64

        /// - Parameter call: while its hook runs.
        init(_ call: Call) {
            self.call = .passUnretained(call)
            ticket = call.cell.pointee.hop.call
        }

        /// The call, if the hook is still waited for.
        @inline(__always)
        func ifWaiting(_ body: (Call) -> Void) {
            call._withUnsafeGuaranteedRef { if $0.awaits(ticket) { body($0) } }
        }
    }

    /// A time limit that an element set for what is below it.
    struct TimeScope {
        let position: Int
        let duration: UInt64
        var expiry: UInt64
        var isOver = false
    }

    /// Message and values as they were when a type that may say AGAIN said NEXT.
    final class Snapshot {
        let position: Int
        let message: OwnedMessage
        let values: [UInt8]

        init(position: Int, message: consuming OwnedMessage, values: [UInt8]) {
            self.position = position
            self.message = consume message
            self.values = values
        }
    }

    init(index: UInt64, chain: LinkedChain) {
        self.chain = chain
        engine = chain.engine
        plan = UnsafePointer(chain.plan)
        underWay = engine.underWay
        arrival = engine.homes[0]
        runner = .passUnretained(engine.homes[0])
        cell = .allocate(capacity: 1)
        cell.initialize(to: CallCell(index: index))
        cell.pointee.counters = engine.homes[0].counters.cells
        cell.pointee.memory = Connection.zeroed(plan.pointee.callSize)
        callerTimer = CallTimer()
        limitTimer = CallTimer()
        owedTimer = CallTimer()
        super.init()
        callerTimer.action = { [unowned self] in callerTimeIsOver() }
        limitTimer.action = { [unowned self] in timeIsOver() }
        owedTimer.action = { [unowned self] in writeOff() }
    }

    deinit {
        arena.reset()
        for values in ownValues { values.deallocate() }
        cell.pointee.memory?.deallocate()
        cell.deinitialize(count: 1)
        cell.deallocate()
    }

    package override func transportAnswered(_ answer: consuming TransportAnswer, step: UInt64) { take(answer, step: step) }

    var hop: UnsafePointer<catena_hop> { UnsafeRawPointer(cell).assumingMemoryBound(to: catena_hop.self) }
    /// The id of the connection that the message is about. Borrowed: valid until the message is changed.
    var idView: catena_view {
        cell.pointee.hop.message.map { engine.messages.pointee.get($0, CATENA_F_ID) } ?? catena_view(ptr: nil, len: 0)
    }
    var program: HookProgram { verb == .request ? plan.pointee.requests : plan.pointee.closes }

    /// The context values.
    var values: UnsafeMutableRawPointer? { cell.pointee.hop.values }

    /// Fills the object for a call that begins now. The caller sets what differs.
    func prepare(_ verb: Verb, message: consuming OwnedMessage, home: Home, values: UnsafeRawPointer?) {
        self.verb = verb
        carry(message)
        // The pool is the home's, so it nearly always is what it was.
        if arrival !== home { arrival = home }
        if runner.toOpaque() != Unmanaged.passUnretained(home).toOpaque() { self.home = home }
        if let memory = cell.pointee.memory {
            memory.initializeMemory(as: UInt8.self, repeating: 0, count: plan.pointee.callSize)
            if let values, plan.pointee.valuesSize > 0 { memory.copyMemory(from: values, byteCount: plan.pointee.valuesSize) }
        }
        cell.pointee.hop.values = cell.pointee.memory
        cell.pointee.hop.conn = 0
        cell.pointee.hop.leg = 0
        cell.pointee.hop.flags = 0
        cell.pointee.hop.deadline_ns = 0
        cell.pointee.hop.reason = CATENA_CALLER
        cell.pointee.hop.attempt = 1
        cell.pointee.connectionBase = nil
        cell.pointee.cursor = 0
        cell.pointee.outCursor = 0
        cell.pointee.isSelective = false
    }

    /// Tells elements how things stand: of a Request, whether it is a first one; of a Close, whether there is something to close.
    func show(isFirst: Bool, isKnown: Bool) {
        let shown = verb == .request ? (isFirst ? CATENA_HOP_FIRST : 0) : (isKnown ? CATENA_HOP_KNOWN : 0)
        cell.pointee.hop.flags = cell.pointee.hop.flags & ~(CATENA_HOP_FIRST | CATENA_HOP_KNOWN) | shown
    }

    /// Makes this the message of the call, and lets go of the one before.
    func carry(_ message: consuming OwnedMessage) {
        cell.pointee.hop.message = message.pointer
        self.message = consume message
    }

    /// The call is over: forgets everything and goes back to its pool. On its arrival loop.
    func recycle() {
        dropCallSlots(from: floor)
        forgetReferences()
        reset()
    }

    /// Whoever kept a reference or a ticket finds that the call is over.
    func forgetReferences() {
        serial.store(serial.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        shut()
        if callerTimer.isArmed { arrival.disarm(callerTimer) }
        if message != nil { message = nil }
        if caller != nil { caller = nil }
        if operation != nil { operation = nil }
        if leg != nil { leg = nil }
        if connection != nil { connection = nil }
        stage = .idle
        waiting = .nothing
        waitingFor = nil
    }

    /// As new, and back in the pool.
    func reset() {
        isOutside = false
        floor = 0
        eventFor = 0
        reason = CATENA_CALLER
        parent = nil
        forgetChildren()
        barrier = nil
        if !writtenOff.isEmpty {
            writtenOff = []
            for values in ownValues { values.deallocate() }
            ownValues = []
        }
        answer = nil
        undoAnswer = nil
        entered = 0
        reached = 0
        isFirst = false
        isBound = false
        wentBelow = false
        failedBelow = false
        isRefused = false
        undoesAll = false
        committed = nil
        passedAnchor = false
        wasKeptBack = false
        tailEntered = false
        isUndoing = false
        wasUndone = false
        undoing = .close
        attempt = 1
        // Nearly all of these are nil; a comparison costs less than letting go of nothing.
        if error != nil { error = nil }
        if givenError != nil { givenError = nil }
        if cancelError != nil { cancelError = nil }
        cancelledStep = 0
        isAnswered = false
        isCancelled = false
        holdsConnection = false
        callerDeadline = 0
        limit = 0
        isTimed = false
        if !scopes.isEmpty { scopes = [] }
        if !snapshots.isEmpty { snapshots = [] }
        if transportCall != nil { transportCall = nil }
        if transportAnswer != nil { transportAnswer = nil }
        arena.reset()
        savedHop = nil
        chain.pool.give(self, home: arrival)
    }

    func forgetChildren() {
        if !children.isEmpty { children.removeAll(keepingCapacity: true) }
    }

    /// The last hook has given its verdict, and the next one is not called at once: its ticket is over.
    func shut() {
        // No instance has this number, so the word is nobody's.
        cell.pointee.word.store(Ticket.word(cell.pointee.step, Ticket.over, owner: -1), ordering: .relaxed)
    }

    /// The last touch of call slots, deepest first.
    ///
    /// - Parameter isWanted: of which elements; those left out keep theirs.
    func dropCallSlots(from position: Int, where isWanted: (Instance) -> Bool = { _ in true }) {
        guard plan.pointee.dropsCallSlots else { return }
        for instance in chain.callDroppers.reversed()
        where instance.position >= position && isWanted(instance) && (hasSeenSlot(instance.position) || writtenOff.contains(instance)) {
            dropCallSlot(of: instance)
        }
    }

    func dropCallSlot(of instance: Instance) {
        guard let slot = chain.callSlots[instance.position].pointer(in: cell.pointee.memory) else { return }
        instance.sites.run(.callDropped) { instance.type.table.call_dropped?(instance.me, slot) }
    }

    /// Has a hook of the element at `position` run in this call?
    private func hasSeenSlot(_ position: Int) -> Bool {
        guard position < reached else { return false }
        return program.hasHook(at: position) || wasUndone && plan.pointee.closes.hasHook(at: position)
    }
}

/// A timer of a call.
final class CallTimer: TimerNode {
    var action: (() -> Void)?
    override func fire() { action?() }
}

/// Memory that elements asked for, freed with the call.
struct CallArena {
    static let limit = 1 << 20

    private var blocks: [UnsafeMutableRawPointer] = []
    private var total = 0

    mutating func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
        guard size >= 0, total + size <= CallArena.limit, let block = Connection.zeroed(max(1, size)) else { return nil }
        total += size
        blocks.append(block)
        return block
    }

    mutating func reset() {
        guard !blocks.isEmpty else { return }
        for block in blocks { block.deallocate() }
        blocks.removeAll(keepingCapacity: true)
        total = 0
    }
}
