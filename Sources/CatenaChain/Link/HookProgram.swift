// SPDX-License-Identifier: Apache-2.0
// What a call walks along: for one verb, the hooks that are there, in order, with all that is needed to call them. Elements
// without a hook are not in the list, so they cost nothing.

internal import CatenaABI
internal import CatenaCrash

/// The way-in hook of one element.
struct InHook {
    let function: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<catena_hop>?) -> catena_verdict
    let me: UnsafeMutableRawPointer?
    let position: Int32
    /// The element may say AGAIN: keep message and values when it says NEXT.
    let keepsSnapshot: Bool
    let callSlot: SlotOffset
    let connectionSlot: SlotOffset
    /// What is said when it crashes.
    let site: UnsafePointer<catena_crash_site>
    /// The instance, which the engine keeps, and its number.
    let owner: Unmanaged<Instance>
    let instance: Int32
    /// Number of the counter of calls to this hook.
    let counter: Int32
}

/// The way-out hook of one element.
struct OutHook {
    let function:
        @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<catena_hop>?, UnsafePointer<catena_error>?) -> catena_verdict
    let me: UnsafeMutableRawPointer?
    let position: Int32
    let callSlot: SlotOffset
    let connectionSlot: SlotOffset
    let site: UnsafePointer<catena_crash_site>
    let owner: Unmanaged<Instance>
    let instance: Int32
}

/// Where an element's slot begins; or that it has none.
struct SlotOffset {
    private let raw: Int32

    static let none = SlotOffset(raw: -1)

    private init(raw: Int32) { self.raw = raw }
    init(_ offset: Int) { raw = Int32(offset) }

    @inline(__always)
    func pointer(in base: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard raw >= 0, let base else { return nil }
        return base + Int(raw)
    }
}

/// The hooks of one verb along one chain. Immutable; lives as long as its chain. Plain memory throughout, so that looking at it
/// touches no reference count.
struct HookProgram {
    let ins: UnsafeMutableBufferPointer<InHook>
    let outs: UnsafeMutableBufferPointer<OutHook>
    /// For position p, how many in-hooks stand before it. One entry more than there are elements.
    let insBefore: UnsafeMutableBufferPointer<Int>
    /// The same for out-hooks.
    let outsBefore: UnsafeMutableBufferPointer<Int>

    init(ins: [InHook], outs: [OutHook], elementCount: Int) {
        self.ins = .allocate(capacity: ins.count)
        _ = self.ins.initialize(from: ins)
        self.outs = .allocate(capacity: outs.count)
        _ = self.outs.initialize(from: outs)
        insBefore = HookProgram.counts(ins.map(\.position), elementCount)
        outsBefore = HookProgram.counts(outs.map(\.position), elementCount)
    }

    func deallocate() {
        ins.deallocate()
        outs.deallocate()
        insBefore.deallocate()
        outsBefore.deallocate()
    }

    private static func counts(_ positions: [Int32], _ elementCount: Int) -> UnsafeMutableBufferPointer<Int> {
        let counts = UnsafeMutableBufferPointer<Int>.allocate(capacity: elementCount + 1)
        _ = counts.initialize(from: (0...elementCount).map { element in positions.count { $0 < element } })
        return counts
    }

    func hasHook(at position: Int) -> Bool {
        insBefore[position] < insBefore[position + 1] || outsBefore[position] < outsBefore[position + 1]
    }

    func inHook(at position: Int) -> UnsafePointer<InHook>? {
        let index = insBefore[position]
        return index < insBefore[position + 1] ? UnsafePointer(ins.baseAddress.map { $0 + index }) : nil
    }

    func outHook(at position: Int) -> UnsafePointer<OutHook>? {
        let index = outsBefore[position]
        return index < outsBefore[position + 1] ? UnsafePointer(outs.baseAddress.map { $0 + index }) : nil
    }
}
