// SPDX-License-Identifier: Apache-2.0
// The memory of a connection, where a test calls hooks itself: calls of one connection share it, and the test says when it ends.

/// A connection's slot for one element: zeroed memory, as much as any type may ask for.
public final class HookSlot {
    let memory: UnsafeMutableRawPointer

    /// A slot that no hook has touched.
    public init() {
        memory = .allocate(byteCount: 65536, alignment: 16)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: 65536)
    }

    deinit { memory.deallocate() }
}
