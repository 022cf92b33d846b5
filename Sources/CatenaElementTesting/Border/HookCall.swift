// SPDX-License-Identifier: Apache-2.0
// One call at one element, without an engine: the hop with the memory that a host would give it.
public import CatenaABI
public import CatenaElement

/// A call that a test drives through an element's hooks by hand; from ``HookBench/call(_:number:connection:slot:flags:)``.
public final class HookCall {
    /// The hop as the hooks get it, for what has no name here.
    public var hop: catena_hop
    private let callSlot: UnsafeMutableRawPointer
    private let callSlotSize: Int
    private let values: UnsafeMutableRawPointer
    private let offsets: [String: Int]
    private let slot: HookSlot?
    let pointer: OpaquePointer

    init(
        _ message: TestMessage, _ number: UInt64, _ connection: UInt64, _ slot: HookSlot?, _ flags: HopFlags, _ layout: ValuePlaces,
        callSlotSize: Int, _ ledger: MessageLedger
    ) {
        pointer = ledger.make(message)
        self.callSlotSize = callSlotSize
        self.slot = slot
        offsets = layout.byKey
        callSlot = .allocate(byteCount: max(16, callSlotSize), alignment: 16)
        callSlot.initializeMemory(as: UInt8.self, repeating: 0, count: max(16, callSlotSize))
        values = .allocate(byteCount: max(16, layout.size), alignment: 16)
        values.initializeMemory(as: UInt8.self, repeating: 0, count: max(16, layout.size))
        hop = catena_hop()
        hop.struct_size = UInt32(MemoryLayout<catena_hop>.size)
        hop.flags = flags.rawValue
        hop.call = number
        hop.conn = connection
        hop.message = pointer
        hop.call_slot = callSlot
        hop.conn_slot = slot?.memory
        hop.values = values
        hop.attempt = 1
    }

    deinit {
        MessageLedger.table.pointee.release(pointer)
        callSlot.deallocate()
        values.deallocate()
    }

    /// The call's message, as it is now.
    public var message: TestMessage {
        get { TestMessage(at: pointer) }
        set { newValue.put(at: pointer) }
    }

    /// The number of the hook: its ticket.
    public var number: UInt64 { hop.call }

    /// Why a Close or an event runs. CALLER unless set.
    public var reason: Reason {
        get { Reason(rawValue: hop.reason) }
        set { hop.reason = newValue.rawValue }
    }

    /// What the host says of the call.
    public var flags: HopFlags {
        get { HopFlags(rawValue: hop.flags) }
        set { hop.flags = newValue.rawValue }
    }

    /// A context value that the element declares; nil: it does not, and a new value goes nowhere.
    public subscript<Value>(key: ContextKey<Value>) -> Value? {
        get { offsets[key.name].map { values.loadUnaligned(fromByteOffset: $0, as: Value.self) } }
        set {
            guard let newValue, let offset = offsets[key.name] else { return }
            values.storeBytes(of: newValue, toByteOffset: offset, as: Value.self)
        }
    }

    /// The element's memory of the call, byte by byte.
    public var callSlotBytes: [UInt8] { Array(UnsafeRawBufferPointer(start: callSlot, count: callSlotSize)) }

    var callSlotMemory: UnsafeMutableRawPointer { callSlot }
}

/// Where the context values of a type stand, when it is alone.
struct ValuePlaces {
    private(set) var offsets: [UInt32] = []
    private(set) var byKey: [String: Int] = [:]
    private(set) var size = 0

    init(of type: UnsafePointer<catena_type>) {
        for index in 0..<Int(type.pointee.n_values) {
            let declared = type.pointee.values[index]
            let align = max(1, Int(declared.align))
            size = (size + align - 1) / align * align
            offsets.append(UInt32(size))
            byKey[declared.key.text] = size
            size += Int(declared.size)
        }
    }
}
