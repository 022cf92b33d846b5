// SPDX-License-Identifier: Apache-2.0
// An element that was waited for too long has been answered for, but it may still believe that the hook is its own: what it may
// touch stays where it is until it resumes, however long that takes.

internal import CatenaABI
internal import Synchronization

/// An answer that an element still owes after it has been written off. Belongs to the loop where the call waited.
final class Owed: @unchecked Sendable {  // `step`, `instance` and `home` never change; the rest is touched on that loop only
    /// Of the hook's ticket.
    let step: UInt64
    let instance: Instance
    let home: Home
    /// The message as the element has it; the call has gone on with another one. Written before the element can be heard.
    var message: OwnedMessage?
    /// The connection that the call was bound to, one user of whose record this is.
    let connection: Connection?
    let leg: Leg?
    /// Set when the connection or leg has ended meanwhile.
    var kept: KeptSlots?

    init(step: UInt64, instance: Instance, home: Home, connection: Connection?, leg: Leg?) {
        self.step = step
        self.instance = instance
        self.home = home
        self.connection = connection
        self.leg = leg
    }

    /// The element has been written off. On the loop.
    func begin() {
        instance.owes.add(1, ordering: .acquiringAndReleasing)
        if let leg {
            leg.owed.append(self)
        } else if let connection {
            connection.owed.append(self)
        }
        if let connection { connection.chain.connections.join(connection) }
    }

    /// The element has resumed: what was kept for it is let go. On the loop.
    func settle() {
        leg?.owed.removeAll { $0 === self }
        kept?.settle(instance)
        kept = nil
        connection?.settled(self)
    }
}

/// Connection slots that some elements may still touch, although the connection or leg has ended.
final class KeptSlots {
    private let memory: UnsafeMutableRawPointer
    private let chain: LinkedChain
    private let number: UInt64
    private let reason: catena_reason
    private var owing: [Instance]

    /// - Parameter memory: taken over.
    init(_ memory: UnsafeMutableRawPointer, of chain: LinkedChain, number: UInt64, reason: catena_reason, owing: [Instance]) {
        self.memory = memory
        self.chain = chain
        self.number = number
        self.reason = reason
        self.owing = owing
    }

    /// One answer has come: if it was the instance's last, its slot is dropped; with the last slot the memory goes.
    func settle(_ instance: Instance) {
        guard let index = owing.firstIndex(where: { $0 === instance }) else { return }
        owing.remove(at: index)
        guard !owing.contains(where: { $0 === instance }) else { return }
        chain.dropConnectionSlot(of: instance, in: memory, number: number, reason)
        guard owing.isEmpty else { return }
        memory.deallocate()
        chain.engine.slotCount.subtract(1, ordering: .relaxed)
    }
}
