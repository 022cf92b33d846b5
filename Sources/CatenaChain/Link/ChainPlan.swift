// SPDX-License-Identifier: Apache-2.0
// What every call looks at in its chain, several times on its way. Plain memory at a fixed place, so that looking at it touches no
// reference count.

internal import Synchronization

/// The part of a linked chain that its calls run by. Written while the chain is linked; lives as long as the chain.
struct ChainPlan: ~Copyable {
    var requests = HookProgram(ins: [], outs: [], elementCount: 0)
    var closes = HookProgram(ins: [], outs: [], elementCount: 0)
    /// Where the anchor stands; nil: none, or this is a client chain, where an anchor is inert.
    var anchor: Int?
    var elementCount = 0
    /// Bytes of the context values, and of one call: values, then call slots.
    var valuesSize = 0
    var callSize = 0
    /// Some call slot wants a last touch.
    var dropsCallSlots = false
    /// Where the chain's counters begin.
    var counters: Int32 = 0
    /// An element of the chain has been taken out.
    let hasDisabled = Atomic<Bool>(false)
}
