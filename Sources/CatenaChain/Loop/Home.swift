// SPDX-License-Identifier: Apache-2.0
// The engine's side of one loop. Hooks never run inside one another: whatever wants to go on while a hook runs is put in the
// ready list here, and runs when that hook has returned.

internal import Synchronization

/// What the engine keeps for one loop. Everything but `posted` and the counters is touched on that loop only, and nothing is called while
/// it is: so exclusive access is not checked while it runs.
public final class Home: @unchecked Sendable {  // the sentence above; `posted` is the only way in from elsewhere
    public let loop: any ChainLoop
    package let number: Int
    /// Owns this object, and outlives its use.
    unowned(unsafe) let engine: Engine
    let counters: Counters
    /// Legs whose connection is at home here.
    @exclusivity(unchecked) private var legs = NumberedTable<Leg>()

    @exclusivity(unchecked) var spareOperations = SpareOperations()
    @exclusivity(unchecked) var lastKept: KeptValues.Last?

    @exclusivity(unchecked) private var timers = TimerHeap()
    private var wakeAt = UInt64.max
    @exclusivity(unchecked) private var ready: ContiguousArray<Ready> = []
    /// Takes the place of `ready` while that is worked off, so that neither is allocated anew.
    @exclusivity(unchecked) private var spare: ContiguousArray<Ready> = []
    private(set) var isRunning = false
    /// What other loops and threads have for this one, in order.
    private let posted = Mutex<ContiguousArray<Posted>>([])

    private enum Posted: Sendable {
        case call(CallReference)
        case job(@Sendable () -> Void)
    }

    private enum Ready {
        /// The engine keeps its call objects.
        case call(Unmanaged<Call>)
        case job(() -> Void)
    }

    init(number: Int, loop: any ChainLoop, engine: Engine) {
        self.number = number
        self.loop = loop
        self.engine = engine
        counters = Counters()
    }

    /// Runs `body`, and then everything that became ready meanwhile. On the loop.
    func enter(_ body: () -> Void) {
        guard !isRunning else { return body() }
        isRunning = true
        body()
        drain()
        isRunning = false
    }

    /// A call can go on. On the loop; runs later.
    func ready(_ call: Call) {
        ready.append(.call(.passUnretained(call)))
        drainLater()
    }

    /// A job for later. On the loop.
    func ready(_ job: @escaping () -> Void) {
        ready.append(.job(job))
        drainLater()
    }

    /// A job for this loop, from any thread; runs later.
    func post(_ job: @escaping @Sendable () -> Void) { post(.job(job)) }

    /// A call that goes on here, if it is not over by then. From any thread; runs later.
    func post(_ call: Call) { post(.call(CallReference(call))) }

    private func post(_ item: Posted) {
        let isFirst = posted.withLock { posted in
            posted.append(item)
            return posted.count == 1
        }
        // The loop is woken once for all that comes before it looks.
        if isFirst { loop.execute { self.runPosted() } }
    }

    private func runPosted() {
        let batch = posted.withLock { posted in
            defer { posted = [] }
            return posted
        }
        for item in batch {
            enter {
                switch item {
                case .call(let reference): reference.proceed()
                case .job(let job): job()
                }
            }
        }
    }

    private func drainLater() {
        if !isRunning, ready.count == 1 {
            loop.execute { self.enter {} }
        }
    }

    private func drain() {
        while !ready.isEmpty {
            swap(&ready, &spare)
            // Only `ready` grows meanwhile.
            for index in spare.indices {
                switch spare[index] {
                case .call(let call): call._withUnsafeGuaranteedRef { $0.proceed() }
                case .job(let job): job()
                }
            }
            spare.removeAll(keepingCapacity: true)
        }
    }

    // MARK: Legs

    /// Bits of a leg's number that say which home is its own.
    static let numberBits: UInt64 = 12

    /// Gives a leg its number. On the loop.
    ///
    /// - Returns: false if there are too many.
    func add(_ leg: Leg) -> Bool {
        guard let place = legs.insert(leg, bits: 64 - Home.numberBits) else { return false }
        leg.number = place << Home.numberBits | UInt64(number)
        return true
    }

    /// On the loop.
    func leg(_ number: UInt64) -> Leg? { lentLeg(number)?.takeUnretainedValue() }

    /// The same, not counted: it is there until it is removed.
    @inline(__always)
    func lentLeg(_ number: UInt64) -> Unmanaged<Leg>? {
        guard let leg = legs.lent(number >> Home.numberBits), leg._withUnsafeGuaranteedRef({ $0.number }) == number else { return nil }
        return leg
    }

    /// On the loop.
    func remove(_ leg: Leg) { _ = legs.remove(leg.number >> Home.numberBits) }

    // MARK: Timers

    /// Arms or moves a timer. On the loop.
    func arm(_ node: TimerNode, at deadline: UInt64) {
        timers.insert(node, at: deadline)
        scheduleWake()
    }

    /// On the loop.
    func disarm(_ node: TimerNode) {
        timers.remove(node)
    }

    var armedTimers: Int { timers.count }

    /// One wake-up is under way at a time, and it is only ever brought forward: a timer that was withdrawn costs nothing more.
    private func scheduleWake() {
        guard let earliest = timers.earliest, earliest < wakeAt else { return }
        wakeAt = earliest
        loop.wake(at: earliest) { self.woken(at: earliest) }
    }

    private func woken(at time: UInt64) {
        guard time == wakeAt else { return }
        wakeAt = .max
        enter {
            let now = loop.now()
            while let node = timers.popDue(now) { node.fire() }
        }
        scheduleWake()
    }
}

/// Numbers that one loop adds to and any thread may read. A plain add, as there is one writer.
final class Counters: @unchecked Sendable {  // the cells are atomics; the array is made once, before the loop runs
    private(set) var cells: UnsafeMutablePointer<Atomic<UInt64>>?
    private var count = 0

    func allocate(_ count: Int) {
        deallocate()
        let cells = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: count)
        for index in 0..<count { (cells + index).initialize(to: Atomic(0)) }
        self.cells = cells
        self.count = count
    }

    deinit { deallocate() }

    private func deallocate() {
        cells?.deinitialize(count: count)
        cells?.deallocate()
    }

    func add(_ index: Int) {
        Counters.add(Int32(index), in: cells)
    }

    @inline(__always)
    static func add(_ index: Int32, in cells: UnsafeMutablePointer<Atomic<UInt64>>?) {
        guard let cells else { return }
        let value = cells[Int(index)].load(ordering: .relaxed)
        cells[Int(index)].store(value &+ 1, ordering: .relaxed)
    }

    func read(_ index: Int) -> UInt64 {
        guard let cells, index < count else { return 0 }
        return cells[index].load(ordering: .relaxed)
    }
}
