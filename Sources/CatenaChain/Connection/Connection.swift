// SPDX-License-Identifier: Apache-2.0
// What the engine knows of one connection id: where its home is, whether it is open, its slots and its last good message. An
// element never sees this object, only a number that names one incarnation of it.

internal import CatenaABI
internal import Synchronization

/// The record of a connection.
///
/// `users`, `number` and `nextInTable` belong to the table's lock, `nextInIndex` to that of the index, `operations` to that of all operations; everything else to the home loop,
/// and exclusive access to that is not checked while it runs, as with a call.
final class Connection: @unchecked Sendable {  // the sentence above
    /// The bytes of the id, at one place as long as the record.
    let id: UnsafeBufferPointer<UInt8>
    let idHash: Int
    let chain: LinkedChain
    /// The chain's, which the engine keeps.
    private let table: Unmanaged<ConnectionTable>
    let home: Home
    /// Calls at or below the anchor, and events on their way to it.
    var users = 0
    /// The incarnation that is, or that comes next. Replaced when one ends.
    var number: UInt64
    /// The next record in the same bucket of the table, and of the index.
    var nextInTable, nextInIndex: Connection?
    /// What was started in its name and is not over.
    var operations = OperationList()

    /// A Request has succeeded, and no Close has ended it.
    private(set) var isOpen = false
    @exclusivity(unchecked) private var good: OwnedMessage?
    /// The message of the last good Request, as at the anchor. Borrowed: valid until the next one.
    var lastGood: OpaquePointer? {
        switch good {
        case .some(let message): message.pointer
        case .none: nil
        }
    }
    /// When the incarnation's first Request succeeded, on the loop's clock; 0: none has.
    private(set) var openedAt: UInt64 = 0
    @exclusivity(unchecked) private(set) var slots: UnsafeMutableRawPointer?
    let anchorSlot: UnsafeMutableRawPointer?
    /// Values with the flag KEPT, as they were at the last good Request.
    @exclusivity(unchecked) private var kept = KeptValues()
    /// What is below the anchor, and what waits for it.
    @exclusivity(unchecked) var turn = Turn()
    /// Number of the instance whose job has the turn, plus one; read from any thread.
    let lentTo = Atomic<Int>(0)
    /// Closes that wait in the anchor for their turn, and some that did.
    @exclusivity(unchecked) var queuedCloses: [CallReference] = []
    /// Nearly always there is one, which needs no array.
    @exclusivity(unchecked) private var firstLeg: Leg?
    @exclusivity(unchecked) private var otherLegs: [Leg] = []
    /// In the order in which they were opened.
    var legs: [Leg] { firstLeg.map { [$0] + otherLegs } ?? [] }
    /// What elements want to hear of the next hops of its legs.
    @exclusivity(unchecked) private(set) var watches: [Watch] = []
    /// Answers that elements owe to calls of it. Each is one of `users`.
    @exclusivity(unchecked) var owed: [Owed] = []
    /// How often a call from outside has come to the anchor, or has found the connection there again on its way out.
    var binds: UInt64 = 0
    @exclusivity(unchecked) private var orphan: OrphanTimer?

    init(id: UnsafeRawBufferPointer, idHash: Int, chain: LinkedChain, home: Home, number: UInt64) {
        let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: id.count)
        _ = memory.initialize(from: id)
        self.id = UnsafeBufferPointer(memory)
        self.idHash = idHash
        self.chain = chain
        table = .passUnretained(chain.connections)
        self.home = home
        self.number = number
        anchorSlot = Connection.zeroed(chain.anchorSlotSize)
        if anchorSlot != nil { chain.engine.slotCount.add(1, ordering: .relaxed) }
    }

    deinit {
        id.deallocate()
        anchorSlot?.deallocate()
        slots?.deallocate()
    }

    var idText: String { String(decoding: id, as: UTF8.self) }

    /// The id as elements are shown it. Valid while the record is.
    var idView: catena_str {
        catena_str(ptr: id.baseAddress.map { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) }, len: id.count)
    }

    /// A Request that comes now is a first one.
    var isFirstNext: Bool { !isOpen || turn.isClosing }

    /// Nothing of an incarnation is there.
    var isBare: Bool { slots == nil && !isOpen }

    /// The slots below the anchor exist from the entry of the first Request.
    func makeSlots() {
        guard slots == nil else { return }
        // At least one byte, so that "there are slots" and "an incarnation has begun" stay one thing.
        slots = Connection.zeroed(max(1, chain.connectionSize))
        chain.engine.slotCount.add(1, ordering: .relaxed)
    }

    /// The message and values of a Request that succeeded.
    func commit(_ message: OpaquePointer, values: UnsafeRawPointer?) {
        // One that is about to be ended stays what it is.
        isOpen = turn.ending == nil
        if turn.isClosing { forgetKeeping() }
        keepGood(message)
        if let values, !chain.values.kept.isEmpty { kept.keep(values, chain.values.kept, like: &home.lastKept, of: chain) }
    }

    private func keepGood(_ message: OpaquePointer) {
        switch good {
        case .some(let last): if last.become(message) { return }
        case .none: break
        }
        if openedAt == 0 { openedAt = home.loop.now() }
        let copy = OwnedMessage(cloneOf: message, api: chain.engine.messages)
        // Which gives it memory of its own, just as large as it has to be.
        _ = copy.become(message)
        good = consume copy
    }

    /// What an event begins with: the last good message.
    func copyOfLastGood() -> OwnedMessage? { good?.clone() }

    /// The incarnation is to end, and counts as ended from here on.
    func beginEnd(_ reason: catena_reason) {
        turn.ending = reason
        isOpen = false
        cancelOrphan()
        forgetKeeping()
    }

    /// Gives an event the values it begins with. In a Close no executor is offered.
    func restoreKept(into values: UnsafeMutableRawPointer, for verb: Verb) {
        kept.restore(into: values, chain.values.kept)
        if verb == .close, let executor = chain.values.executor { (values + executor.lowerBound).initializeMemory(as: UInt8.self, repeating: 0, count: executor.count) }
    }

    /// Ends the incarnation: tells everyone who waits for something in its name, then drops every slot, deepest first.
    ///
    /// - Parameter nextNumber: what the id is called from now on.
    func end(_ reason: catena_reason, nextNumber: UInt64) {
        cancelOrphan()
        let ended = number
        // From here on nothing can be started in the old name.
        chain.connections.rename(self, to: nextNumber)
        isOpen = false
        forgetTurn()
        chain.monitor?.ended(ended, reason)
        abandonOperations(of: ended)
        for leg in legs { leg.drop(reason) }
        if let slots {
            // The anchor's slot is the record's, and stays.
            let belowAnchor = owed.filter { $0.instance.position != chain.anchor }
            owed.removeAll { $0.instance.position != chain.anchor }
            chain.release(slots: slots, of: self, ended, reason, owed: belowAnchor)
            self.slots = nil
        }
        good = nil
        openedAt = 0
        kept = KeptValues()
    }

    // MARK: Watches

    func add(_ watch: Watch) {
        watches.append(watch)
        watch.attach()
    }

    func endWatch(_ operation: Operation) {
        guard let place = watches.firstIndex(where: { $0.operation === operation }) else { return }
        watches.remove(at: place).detach()
    }

    /// A leg has become open, has another transport, or has gone.
    func legChanged() {
        for watch in watches { watch.attach() }
    }

    // MARK: The end of the record

    /// One user less; with the last one a record goes that has nothing of an incarnation.
    func leave(_ reason: catena_reason) {
        if let last = table._withUnsafeGuaranteedRef({ $0.leave(self) }) { vanish(last, reason) }
    }

    /// The record has left its table: everyone who still waits for something in its name is told, and the anchor touches its slot for
    /// the last time.
    ///
    /// - Parameter last: the number it had.
    func vanish(_ last: UInt64, _ reason: catena_reason) {
        cancelOrphan()
        chain.monitor?.ended(last, reason)
        abandonOperations(of: last)
        for leg in legs { leg.drop(reason) }
        lastTouch = (last, reason)
        dropAnchorSlot()
    }

    /// The number that the record had when it left its table, and why it did.
    private var lastTouch: (number: UInt64, reason: catena_reason)?

    /// The anchor's slot goes with the record, unless the anchor owes an answer to it.
    private func dropAnchorSlot() {
        guard let last = lastTouch, let anchor = chain.anchor, let anchorSlot else { return }
        let instance = chain.instances[anchor]
        guard !owed.contains(where: { $0.instance === instance }) else { return }
        lastTouch = nil
        chain.engine.slotCount.subtract(1, ordering: .relaxed)
        guard let dropped = instance.type.table.conn_dropped else { return }
        instance.sites.run(.connectionDropped, for: self) { dropped(instance.me, last.number, anchorSlot, last.reason) }
    }

    /// An answer that was owed has come, and its part of the record can go.
    func settled(_ one: Owed) {
        owed.removeAll { $0 === one }
        if number != 0 { leave(CATENA_REMOVED) } else { dropAnchorSlot() }
    }

    func add(_ leg: Leg) {
        if firstLeg == nil { firstLeg = leg } else { otherLegs.append(leg) }
    }

    func remove(_ leg: Leg) {
        otherLegs.removeAll { $0 === leg }
        guard firstLeg === leg else { return }
        firstLeg = otherLegs.isEmpty ? nil : otherLegs.removeFirst()
    }

    private func abandonOperations(of number: UInt64) {
        for operation in chain.engine.operations.take(of: self, number) {
            operation.abandon(CallError(CATENA_CANCELLED, "the connection has ended: \(idText)"))
        }
    }

    /// The connection slot of an element of the served chain.
    func slot(of instance: Instance) -> UnsafeMutableRawPointer? {
        let base = instance.position == chain.anchor ? anchorSlot : slots
        return chain.connectionSlots[instance.position].pointer(in: base)
    }

    // MARK: Nobody came back

    /// A first Request has succeeded after its caller left: close it unless a call comes.
    func awaitCaller(until deadline: UInt64) {
        let timer = orphan ?? OrphanTimer(self)
        orphan = timer
        home.arm(timer, at: deadline)
    }

    func cancelOrphan() {
        guard let orphan else { return }
        home.disarm(orphan)
        self.orphan = nil
    }

    private final class OrphanTimer: TimerNode {
        private unowned let connection: Connection

        init(_ connection: Connection) { self.connection = connection }

        override func fire() {
            connection.orphan = nil
            guard !connection.chain.engine.isStopping else { return }
            connection.chain.engine.close(connection, incarnation: connection.number, reason: CATENA_EXPIRED) {}
        }
    }

    static func zeroed(_ size: Int) -> UnsafeMutableRawPointer? {
        guard size > 0 else { return nil }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        return memory
    }
}
