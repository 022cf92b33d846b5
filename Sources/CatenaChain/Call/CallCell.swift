// SPDX-License-Identifier: Apache-2.0
// The part of a call that every hook touches. It is plain memory at a fixed place, so that a hop costs a few stores: no reference
// counts, no exclusivity checks, no look-up.

internal import CatenaABI
internal import Synchronization

/// What the walk along a chain reads and writes at each hop.
struct CallCell: ~Copyable {
    /// What elements are shown. First, so that a pointer to the cell is a pointer to it.
    var hop: catena_hop
    /// Owner, step number and state of the hook that runs or is waited for; the one thing that other threads touch.
    let word = Atomic<UInt64>(0)
    /// Number of the hook, counted through all calls that used this cell: a ticket is never given twice.
    var step: UInt64 = 0
    /// The cell's index, where it stands in a ticket.
    let ticketBase: UInt64
    /// Call slots; at its beginning the values, unless `hop.values` says otherwise.
    var memory: UnsafeMutableRawPointer?
    /// Where connection slots are counted from: the anchor's own slot, or the slots below it.
    var connectionBase: UnsafeMutableRawPointer?
    /// The counters of the loop that runs the call. Here, so that counting does not touch a reference count.
    var counters: UnsafeMutablePointer<Atomic<UInt64>>?
    /// The next way-in hook.
    var cursor = 0
    /// Way-out hooks below this index are still to run.
    var outCursor = 0
    /// Some element of the chain is not to be called in this call: each hook is looked at before it is.
    var isSelective = false

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

    /// States of ``CallCell/word``, in its lowest two bits. Above them stand the step and its owner.
    static let running: UInt64 = 0
    static let pending: UInt64 = 1
    static let answered: UInt64 = 2
    static let over: UInt64 = 3

    /// - Parameter owner: number of the instance whose hook it is: nobody else can answer it. 22 bits of it count, for more than four
    ///   million instances.
    @inline(__always)
    static func word(_ step: UInt64, _ state: UInt64, owner: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: owner)) << 42 | (step & stepMask) << 2 | state
    }

    /// Does the word speak of this step, whoever's it is?
    static func names(_ word: UInt64, _ ticket: UInt64) -> Bool { word >> 2 & stepMask == step(of: ticket) }
    static func owner(of word: UInt64) -> Int32 { Int32(truncatingIfNeeded: word >> 42) }
    static func step(of ticket: UInt64) -> UInt64 { ticket & stepMask }
    static func index(of ticket: UInt64) -> Int { Int(ticket >> stepBits) - 1 }
}
