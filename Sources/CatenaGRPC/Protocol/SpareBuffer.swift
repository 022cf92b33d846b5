// SPDX-License-Identifier: Apache-2.0
// Most messages are read within the turn of the loop that brought them, so the memory of one can serve the next. Who still holds a
// buffer keeps it: taking it again then takes new memory.
package import NIOCore

/// The memory of a message that was read, for the next one of the same connection.
package struct SpareBuffer {
    /// An idle connection keeps at most this much.
    private static let keptCapacity = 4 << 10

    private var buffer: ByteBuffer?

    package init() {}

    /// An empty buffer with room for `capacity` bytes.
    package mutating func take(capacity: Int) -> ByteBuffer {
        guard var taken = buffer.take(), taken.capacity >= capacity else { return ByteBufferAllocator().buffer(capacity: capacity) }
        taken.clear()
        return taken
    }

    /// A copy of `bytes`.
    mutating func copy(_ bytes: UnsafeRawBufferPointer) -> ByteBuffer {
        var copy = take(capacity: bytes.count)
        unsafe copy.writeBytes(bytes)
        return copy
    }

    /// Keeps the memory of `message` for the next one.
    package mutating func put(_ message: consuming ByteBuffer) {
        if message.capacity <= Self.keptCapacity { buffer = message }
    }
}
