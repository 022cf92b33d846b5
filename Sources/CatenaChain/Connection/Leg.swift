// SPDX-License-Identifier: Apache-2.0
// The client side of a connection: one use of a client chain, a transport to the next hop, and slots of its own. Its calls run
// one after another, and it goes only when the last of them has ended.

internal import CatenaABI
internal import Synchronization

/// A leg. Belongs to its connection's home loop; exclusive access is not checked while it runs, as with a call.
final class Leg {
    /// What elements know it by; given by its home.
    var number: UInt64 = 0
    let connection: Connection
    /// The incarnation it was opened in.
    let connectionNumber: UInt64
    /// The client chain, as linked for this use.
    let chain: LinkedChain
    @exclusivity(unchecked) private(set) var transport: TransportReference { didSet { lentTransport = .passUnretained(transport.shared) } }
    /// What `transport` refers to and keeps.
    private(set) var lentTransport: Unmanaged<SharedTransport>
    @exclusivity(unchecked) private(set) var slots: UnsafeMutableRawPointer?
    /// A Request has succeeded over it, and no Close has been sent since.
    private(set) var isOpen = false
    /// A Close over it has failed: there may be something to close still, but a Request opens it anew.
    private var mayBeOpen = false
    /// There is something that a Close would end, or may be.
    var isKnown: Bool { isOpen || mayBeOpen }

    /// The engine keeps its call objects.
    @exclusivity(unchecked) private var current: Unmanaged<Call>?
    @exclusivity(unchecked) private var waiting: [Call] = []
    /// Transports that were replaced while a call was under way on them.
    @exclusivity(unchecked) private var replaced: [TransportReference] = []
    /// Answers that elements of its chain owe.
    @exclusivity(unchecked) var owed: [Owed] = []
    private var dropReason: catena_reason?

    init?(connection: Connection, chain: LinkedChain, transport: TransportReference) {
        self.connection = connection
        connectionNumber = connection.number
        self.chain = chain
        self.transport = transport
        lentTransport = .passUnretained(transport.shared)
        slots = Connection.zeroed(chain.connectionSize)
        guard connection.home.add(self) else {
            slots?.deallocate()
            return nil
        }
        connection.add(self)
        if slots != nil { chain.engine.slotCount.add(1, ordering: .relaxed) }
        chain.engine.legCount.add(1, ordering: .relaxed)
    }

    /// Is it still to be used?
    var isLive: Bool { dropReason == nil && connection.number == connectionNumber }

    func slot(of instance: Instance) -> UnsafeMutableRawPointer? {
        chain.connectionSlots[instance.position].pointer(in: slots)
    }

    /// Puts a call in the queue; it begins when the calls before it have ended, and never inside this function.
    func enqueue(_ call: Call) {
        if current == nil {
            current = .passUnretained(call)
            call.showLeg(self)
            call.runner._withUnsafeGuaranteedRef { $0.ready(call) }
        } else {
            waiting.append(call)
        }
    }

    /// A Request over it has succeeded.
    func opened() {
        let isNew = !isOpen
        (isOpen, mayBeOpen) = (true, false)
        if isNew, !connection.watches.isEmpty { connection.legChanged() }
    }

    /// A Close over it has ended what was open, or has failed to.
    func closed(_ isGood: Bool) { (isOpen, mayBeOpen) = (false, isKnown && !isGood) }

    /// The current call has ended.
    func finished(_ call: Call) {
        guard current?.toOpaque() == Unmanaged.passUnretained(call).toOpaque() else { return }
        current = nil
        for transport in replaced { transport.release() }
        if !replaced.isEmpty { replaced = [] }
        if !waiting.isEmpty {
            enqueue(waiting.removeFirst())
        } else if let dropReason {
            close(dropReason)
        }
    }

    /// The same next hop over another transport. Calls under way end on the old one.
    func rebind(_ other: TransportReference) {
        if current == nil { transport.release() } else { replaced.append(transport) }
        transport = other
        connection.legChanged()
    }

    /// Nothing new may use it; it goes when its last call has ended.
    func drop(_ reason: catena_reason) {
        guard dropReason == nil else { return }
        dropReason = reason
        if current == nil { close(reason) }
    }

    private func close(_ reason: catena_reason) {
        for operation in chain.engine.operations.all(of: connection, connectionNumber) where operation.leg == number { _ = operation.withdraw() }
        if let slots {
            chain.release(slots: slots, of: connection, connectionNumber, reason, owed: owed)
            self.slots = nil
            owed = []
        }
        connection.remove(self)
        connection.legChanged()
        connection.home.remove(self)
        chain.engine.legCount.subtract(1, ordering: .relaxed)
        transport.release()
    }
}
