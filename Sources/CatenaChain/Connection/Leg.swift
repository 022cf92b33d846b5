// SPDX-License-Identifier: Apache-2.0
// The client side of a connection: one use of a client chain, a transport to the next hop, and slots of its own. Its calls run
// one after another, and it goes only when the last of them has ended.

internal import CatenaABI
internal import Synchronization

/// A leg. Belongs to its connection's home loop.
final class Leg {
    let number: UInt64
    let connection: Connection
    /// The incarnation it was opened in.
    let connectionNumber: UInt64
    /// The client chain, as linked for this use.
    let chain: LinkedChain
    private(set) var transport: TransportReference
    private(set) var slots: UnsafeMutableRawPointer?
    /// A Request has succeeded over it, and no Close has ended it.
    var isOpen = false

    private var current: Call?
    private var waiting: [Call] = []
    /// Transports that were replaced while a call was under way on them.
    private var replaced: [TransportReference] = []
    /// Answers that elements of its chain owe.
    var owed: [Owed] = []
    private var dropReason: catena_reason?

    init(number: UInt64, connection: Connection, chain: LinkedChain, transport: TransportReference) {
        self.number = number
        self.connection = connection
        connectionNumber = connection.number
        self.chain = chain
        self.transport = transport
        slots = Connection.zeroed(chain.connectionSize)
        if slots != nil { chain.engine.slotCount.add(1, ordering: .relaxed) }
        chain.engine.legCount.add(1, ordering: .relaxed)
        connection.legs.append(self)
        connection.home.legs[number] = self
    }

    /// Is it still to be used?
    var isLive: Bool { dropReason == nil && connection.number == connectionNumber }

    func slot(of instance: Instance) -> UnsafeMutableRawPointer? {
        chain.connectionSlots[instance.position].pointer(in: slots)
    }

    /// Puts a call in the queue; it begins when the calls before it have ended, and never inside this function.
    func enqueue(_ call: Call) {
        if current == nil {
            current = call
            call.showLeg(self)
            connection.home.ready(call)
        } else {
            waiting.append(call)
        }
    }

    /// The current call has ended.
    func finished(_ call: Call) {
        guard current === call else { return }
        current = nil
        for transport in replaced { transport.release() }
        replaced = []
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
    }

    /// Nothing new may use it; it goes when its last call has ended.
    func drop(_ reason: catena_reason) {
        guard dropReason == nil else { return }
        dropReason = reason
        if current == nil { close(reason) }
    }

    private func close(_ reason: catena_reason) {
        for operation in chain.engine.operations.all(of: connectionNumber) where operation.leg == number { _ = operation.withdraw() }
        if let slots {
            chain.release(slots: slots, of: connection, connectionNumber, reason, owed: owed)
            self.slots = nil
            owed = []
        }
        connection.legs.removeAll { $0 === self }
        connection.home.legs.removeValue(forKey: number)
        chain.engine.legCount.subtract(1, ordering: .relaxed)
        transport.release()
    }
}
