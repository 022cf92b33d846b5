// SPDX-License-Identifier: Apache-2.0
// Law 4: a slot begins as zeroes, keeps what is written into it, is dropped once, and is never seen again. Every slot is
// stamped with whose it is, and written over when it is dropped.

import CatenaABI

@testable import CatenaChain

/// What stands in a connection slot of a case.
struct ConnSlot {
    static let size = UInt32(MemoryLayout<ConnSlot>.size)
    static let gone: UInt64 = 0xdddd_dddd_dddd_dddd
    static let stamp: UInt64 = 0x1a35_0000_0000_0000

    /// 0: not seen yet.
    var owner: UInt64
    var conn: catena_conn
    var leg: catena_leg
    /// The element's own: the leg of a connector, the queue of an anchor.
    var own: UInt64
}

/// Follows every slot of a case.
final class SlotWatch {
    private struct Identity: Hashable {
        let element: Int
        /// The anchor's slot is known by its address: it has no number of its own.
        let conn: UInt64
        let leg: catena_leg
    }

    private let book: LawBook
    private var live: [Identity: UnsafeMutableRawPointer] = [:]
    private var gone: Set<Identity> = []
    /// Call slots: the call and where its slot is.
    private var calls: [Identity: UnsafeMutableRawPointer] = [:]

    init(book: LawBook) { self.book = book }

    // MARK: Connections

    /// A hook, timer or post is shown a slot.
    func touch(_ element: Int, _ conn: catena_conn, _ leg: catena_leg, _ slot: UnsafeMutableRawPointer, isAnchor: Bool) {
        let identity = isAnchor ? Identity(element: element, conn: UInt64(UInt(bitPattern: slot)), leg: 0)
            : Identity(element: element, conn: leg == 0 ? conn : 0, leg: leg)
        let content = slot.assumingMemoryBound(to: ConnSlot.self)
        book.check(isAnchor || !gone.contains(identity), 4, "e\(element) was shown its slot of conn \(conn) leg \(leg) after it was dropped")
        guard content.pointee.owner != 0 else {
            book.check(live[identity] == nil, 4, "e\(element) lost its slot of conn \(conn) leg \(leg)")
            content.pointee = ConnSlot(owner: ConnSlot.stamp + UInt64(element), conn: conn, leg: leg, own: 0)
            live[identity] = slot
            return
        }
        book.check(content.pointee.owner == ConnSlot.stamp + UInt64(element), 4, "e\(element) was shown another's slot, or a dropped one")
        book.check(live[identity] == slot, 4, "the slot of e\(element) for conn \(conn) leg \(leg) has moved, or was dropped")
        if !isAnchor {
            let isOwn = leg == 0 ? content.pointee.conn == conn : content.pointee.leg == leg
            book.check(isOwn, 4, "e\(element) was shown the slot of conn \(content.pointee.conn) leg \(content.pointee.leg) as that of \(conn), \(leg)")
        }
    }

    /// - Returns: the leg whose slot it was; 0: the connection's own; nil: nobody has seen it.
    func drop(_ element: Int, _ conn: catena_conn, _ slot: UnsafeMutableRawPointer, isAnchor: Bool) -> catena_leg? {
        let content = slot.assumingMemoryBound(to: ConnSlot.self)
        defer { content.pointee = ConnSlot(owner: ConnSlot.gone, conn: ConnSlot.gone, leg: ConnSlot.gone, own: ConnSlot.gone) }
        guard content.pointee.owner != 0 else { return nil }
        guard content.pointee.owner == ConnSlot.stamp + UInt64(element) else {
            book.violate(4, "e\(element): a slot of conn \(conn) was dropped twice, or is another's")
            return nil
        }
        let leg = content.pointee.leg
        book.check(isAnchor || content.pointee.conn == conn, 4, "the slot of e\(element) for conn \(content.pointee.conn) was dropped as that of \(conn)")
        let identity = isAnchor ? Identity(element: element, conn: UInt64(UInt(bitPattern: slot)), leg: 0)
            : Identity(element: element, conn: leg == 0 ? conn : 0, leg: leg)
        book.check(live.removeValue(forKey: identity) == slot, 4, "e\(element) dropped a slot of conn \(conn) that it does not have")
        if !isAnchor { gone.insert(identity) }
        return leg
    }

    // MARK: Calls

    func touchCall(_ element: Int, _ key: UInt64, _ slot: UnsafeMutableRawPointer) {
        let content = slot.assumingMemoryBound(to: UInt64.self)
        let identity = Identity(element: element, conn: key, leg: 0)
        if content[0] == 0 {
            book.check(calls[identity] == nil, 4, "e\(element) lost its call slot")
            content[0] = key
            calls[identity] = slot
        } else {
            book.check(content[0] == key && calls[identity] == slot, 4, "e\(element) was shown another's call slot, or a dropped one")
        }
    }

    func dropCall(_ element: Int, _ slot: UnsafeMutableRawPointer) {
        let content = slot.assumingMemoryBound(to: UInt64.self)
        let key = content[0]
        book.check(key == 0 || calls.removeValue(forKey: Identity(element: element, conn: key, leg: 0)) == slot, 4, "e\(element): a call slot was dropped twice")
        content[0] = ConnSlot.gone
    }

    /// The case is over.
    func end() {
        for slot in live.keys { book.violate(4, "e\(slot.element) never dropped its slot of conn \(slot.conn) leg \(slot.leg)") }
        for slot in calls.keys { book.violate(4, "e\(slot.element) never dropped its slot of call \(slot.conn)") }
    }
}
