// SPDX-License-Identifier: Apache-2.0
// A chain that is ready to run: its instances, where their slots and values stand, and the hooks to call. One use of a client
// chain is a linked chain of its own, so what it holds belongs to that use alone.

internal import CatenaABI
internal import Synchronization

/// A linked chain. Complete when the engine is, and unchanged from then on.
public final class LinkedChain: @unchecked Sendable {  // written by the linker on one thread before any loop sees it
    /// `forwarder`, or `forwarder/connect` for a client chain used there.
    public let path: String
    /// The name in chains.json.
    public let name: String
    let role: ChainSpec.Role
    /// Number of the chain in the engine, for counters.
    let number: Int
    /// Owns this object, and outlives its use.
    unowned(unsafe) let engine: Engine
    let plan: UnsafeMutablePointer<ChainPlan>
    /// The element that uses this client chain; nil: a chain that is served. Instances are the engine's, and outlive every use of a chain.
    private(set) unowned(unsafe) var user: Instance?

    private(set) var instances: [Instance] = []
    /// Where the anchor stands; nil: none, or this is a client chain, where an anchor is inert.
    var anchor: Int? { plan.pointee.anchor }
    private(set) var values = ValueLayout()
    /// Bytes of one connection below the anchor, or of one leg.
    private(set) var connectionSize = 0
    private(set) var callSlots: [SlotOffset] = []
    private(set) var connectionSlots: [SlotOffset] = []
    var requests: HookProgram { plan.pointee.requests }
    var closes: HookProgram { plan.pointee.closes }
    /// Instances whose call slot wants a last touch.
    private(set) var callDroppers: [Instance] = []
    /// Instances below the anchor whose connection slot wants one.
    private var connectionDroppers: [Instance] = []

    /// The connections of a served chain.
    let connections: ConnectionTable
    /// What others may see of them; nil: no element serves that. Set while elements are created.
    package internal(set) var monitor: MonitorFeed?
    /// Idle calls, one list for each home.
    let pool: CallPool

    var isClient: Bool { user != nil }
    /// Callers come from outside.
    package var isServed: Bool { role == .served }

    init(name: String, role: ChainSpec.Role, path: String, number: Int, user: Instance?, engine: Engine) {
        self.name = name
        self.role = role
        self.path = path
        self.number = number
        self.user = user
        self.engine = engine
        plan = .allocate(capacity: 1)
        plan.initialize(to: ChainPlan())
        connections = ConnectionTable(index: engine.connectionIndex)
        pool = CallPool(homes: engine.homes.count)
    }

    deinit {
        requests.deallocate()
        closes.deallocate()
        pool.deallocate()
        plan.deinitialize(count: 1)
        plan.deallocate()
    }

    /// Step 1 of linking: who is in it, and how large their slots are.
    func lay(out instances: [Instance], anchor: Int?) {
        self.instances = instances
        plan.pointee.anchor = anchor
        plan.pointee.elementCount = instances.count
    }

    /// Step 2, when the values of the whole tree have their places.
    func seal(values: ValueLayout) {
        self.values = values
        var call = values.size
        var connection = 0
        for instance in instances {
            callSlots.append(LinkedChain.reserve(instance.type.table.call_slot_size, in: &call))
            // The anchor's slot stands alone in the record itself: it outlives the incarnation.
            var alone = 0
            let size = instance.type.table.conn_slot_size
            let isAnchor = instance.position == anchor
            connectionSlots.append(isAnchor ? LinkedChain.reserve(size, in: &alone) : LinkedChain.reserve(size, in: &connection))
        }
        plan.pointee.valuesSize = values.size
        plan.pointee.callSize = call
        connectionSize = connection
    }

    /// Step 3, when every instance has been created.
    func compile() {
        let isInert = { (instance: Instance) in instance.type.isAnchor && instance.position != self.anchor }
        let live = instances.filter { !isInert($0) }
        let before = (requests, closes)
        plan.pointee.requests = program(live, in: { $0.type.table.request }, out: { $0.type.table.request_reply }, isRequest: true)
        plan.pointee.closes = program(live, in: { $0.type.table.close }, out: { $0.type.table.close_reply }, isRequest: false)
        before.0.deallocate()
        before.1.deallocate()
        callDroppers = live.filter { $0.type.table.call_dropped != nil && $0.type.table.call_slot_size > 0 }
        plan.pointee.dropsCallSlots = !callDroppers.isEmpty
        plan.pointee.counters = Int32(engine.chainCounterIndex(self))
        connectionDroppers = live.filter {
            $0.type.table.conn_dropped != nil && $0.type.table.conn_slot_size > 0 && $0.position != anchor
        }
    }

    /// One of its elements has been taken out: every call looks out from now on.
    func disable() { plan.pointee.hasDisabled.store(true, ordering: .relaxed) }

    /// The last touch of the slots of a connection or leg, deepest first, and the end of their memory. Elements that owe an
    /// answer keep theirs until they have given it.
    func release(
        slots memory: UnsafeMutableRawPointer, of connection: Connection, _ number: UInt64, _ reason: catena_reason, owed: [Owed]
    ) {
        let owing = owed.map(\.instance)
        for instance in connectionDroppers.reversed() where !owing.contains(instance) {
            dropConnectionSlot(of: instance, in: memory, number: number, reason, for: connection)
        }
        guard !owing.isEmpty else {
            engine.slotCount.subtract(1, ordering: .relaxed)
            return memory.deallocate()
        }
        let kept = KeptSlots(memory, of: self, number: number, reason: reason, owing: owing)
        for one in owed { one.kept = kept }
    }

    /// The last touch of one slot; nothing if the type wants none.
    ///
    /// - Parameter connection: for the last line of a process that crashes in it.
    func dropConnectionSlot(
        of instance: Instance, in memory: UnsafeMutableRawPointer, number: UInt64, _ reason: catena_reason, for connection: Connection? = nil
    ) {
        guard let slot = connectionSlots[instance.position].pointer(in: memory), let dropped = instance.type.table.conn_dropped else { return }
        instance.sites.run(.connectionDropped, for: connection) { dropped(instance.me, number, slot, reason) }
    }

    var anchorSlotSize: Int {
        guard let anchor else { return 0 }
        return Int(instances[anchor].type.table.conn_slot_size)
    }

    private typealias InFunction = @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<catena_hop>?) -> catena_verdict
    private typealias OutFunction = @convention(c) (
        UnsafeMutableRawPointer?, UnsafePointer<catena_hop>?, UnsafePointer<catena_error>?
    ) -> catena_verdict

    private func program(
        _ live: [Instance], in inFunction: (Instance) -> InFunction?, out outFunction: (Instance) -> OutFunction?, isRequest: Bool
    ) -> HookProgram {
        // A type that may say AGAIN is always on the way in: that is where message and values are kept for it.
        let ins = live.compactMap { instance in
            let keepsSnapshot = isRequest && instance.type.saysAgain
            let absent: InFunction? = keepsSnapshot ? { _, _ in CATENA_NEXT } : nil
            return (inFunction(instance) ?? absent).map {
                InHook(
                    function: $0, me: instance.me, position: Int32(instance.position), keepsSnapshot: keepsSnapshot,
                    callSlot: callSlots[instance.position], connectionSlot: connectionSlots[instance.position],
                    site: instance.sites[isRequest ? .request : .close], owner: .passUnretained(instance),
                    instance: Int32(instance.number),
                    counter: Int32(engine.counterIndex(Int32(instance.number), isRequest ? .request : .close)))
            }
        }
        let outs = live.compactMap { instance in
            outFunction(instance).map {
                OutHook(
                    function: $0, me: instance.me, position: Int32(instance.position),
                    callSlot: callSlots[instance.position], connectionSlot: connectionSlots[instance.position],
                    site: instance.sites[isRequest ? .requestReply : .closeReply], owner: .passUnretained(instance),
                    instance: Int32(instance.number))
            }
        }
        return HookProgram(ins: ins, outs: outs, elementCount: instances.count)
    }

    private static func reserve(_ size: UInt32, in total: inout Int) -> SlotOffset {
        guard size > 0 else { return .none }
        let offset = total
        total += (Int(size) + 15) / 16 * 16
        return SlotOffset(offset)
    }
}
