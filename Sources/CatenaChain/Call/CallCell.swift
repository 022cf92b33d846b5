// SPDX-License-Identifier: Apache-2.0
// The part of a call that every hook touches. It is plain memory at a fixed place, so that a hop costs a few stores: no reference
// counts, no exclusivity checks, no look-up.

internal import CatenaABI
internal import Synchronization

/// What the walk along a chain reads and writes at each hop.
struct CallCell: ~Copyable {
    /// What elements are shown. First, so that a pointer to the cell is a pointer to it.
    var hop: catena_hop
    /// Step number and state of the hook that runs or is waited for; the one thing that other threads touch.
    let word = Atomic<UInt64>(0)
    /// Number of the hook, counted through all calls that used this cell: a ticket is never given twice.
    var step: UInt64 = 0
    /// The cell's index, where it stands in a ticket.
    let ticketBase: UInt64
    /// Values and call slots.
    var memory: UnsafeMutableRawPointer?
    /// Where connection slots are counted from: the anchor's own slot, or the slots below it.
    var connectionBase: UnsafeMutableRawPointer?
    /// The counters of the loop that runs the call. Here, so that counting does not touch a reference count.
    var counters: UnsafeMutablePointer<Atomic<UInt64>>?
    /// The next way-in hook.
    var cursor = 0
    /// Way-out hooks below this index are still to run.
    var outCursor = 0

    init(index: UInt64) {
        ticketBase = (index + 1) << Ticket.stepBits
        hop = catena_hop()
        hop.struct_size = UInt32(MemoryLayout<catena_hop>.size)
    }
}

/// The number that an element holds while it owes a verdict: which cell, and which hook of it.
enum Ticket {
    static let stepBits: UInt64 = 40
    static let stepMask: UInt64 = (1 << stepBits) - 1

    /// States of ``CallCell/word``, in its lowest two bits.
    static let running: UInt64 = 0
    static let pending: UInt64 = 1
    static let answered: UInt64 = 2
    static let over: UInt64 = 3

    static func word(_ step: UInt64, _ state: UInt64) -> UInt64 { (step & stepMask) << 2 | state }
    static func step(of ticket: UInt64) -> UInt64 { ticket & stepMask }
    static func index(of ticket: UInt64) -> Int { Int(ticket >> stepBits) - 1 }
}
