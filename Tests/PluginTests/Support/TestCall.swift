// SPDX-License-Identifier: Apache-2.0
// One call at one element: the hop with the memory a host would give it. A connection's slot is shared by its calls and so
// comes from outside.
public import CatenaABI

/// Zeroed memory of the size a host gives.
public final class Memory {
    public let bytes: UnsafeMutableRawPointer
    public init() {
        bytes = .allocate(byteCount: 4096, alignment: 16)
        bytes.initializeMemory(as: UInt8.self, repeating: 0, count: 4096)
    }
    deinit { bytes.deallocate() }
}

public final class TestCall {
    public let message: FakeMessage
    public let slot = Memory()
    public let values = Memory()
    private let connectionSlot: Memory?
    public var hop = catena_hop()

    public init(_ message: FakeMessage, call: UInt64 = 1, connection: UInt64 = 0, slot connectionSlot: Memory? = nil, flags: UInt32 = 0) {
        self.message = message
        self.connectionSlot = connectionSlot
        hop.struct_size = UInt32(MemoryLayout<catena_hop>.size)
        hop.flags = flags
        hop.call = call
        hop.conn = connection
        hop.message = message.pointer
        hop.call_slot = slot.bytes
        hop.conn_slot = connectionSlot?.bytes
        hop.values = values.bytes
    }

    /// The client URL, where the only value declared lies.
    public var url: String {
        get {
            let bytes = values.bytes.load(as: catena_url.self)
            return withUnsafeBytes(of: bytes.text) { String(decoding: $0.prefix(Int(bytes.len)), as: UTF8.self) }
        }
        set {
            var url = catena_url()
            withUnsafeMutableBytes(of: &url.text) { $0.copyBytes(from: newValue.utf8) }
            url.len = UInt32(newValue.utf8.count)
            values.bytes.storeBytes(of: url, as: catena_url.self)
        }
    }
}
