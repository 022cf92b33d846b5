// SPDX-License-Identifier: Apache-2.0
// Lays a Swift value into a slot of the host. The first byte says whether the value has been made, which zeroed memory
// denies; so a slot that nobody touched is never read, and never destroyed.

/// A slot that holds a `T`.
@usableFromInline
struct SlotMemory<T: Slot> {
    @usableFromInline let memory: UnsafeMutableRawPointer

    /// nil where there is no slot.
    @inlinable
    init?(_ memory: UnsafeMutableRawPointer?) {
        guard let memory, !Self.isNothing else { return nil }
        self.memory = memory
    }

    @inlinable static var isNothing: Bool { T.self == NoSlot.self }

    /// Behind the mark, where the type's alignment allows.
    @inlinable static var offset: Int { max(1, MemoryLayout<T>.alignment) }

    /// Bytes to ask of the host, in its unit of 16.
    static var size: Int { isNothing ? 0 : (offset + MemoryLayout<T>.size + 15) & ~15 }

    /// Whether the value needs no destruction.
    static var isTrivial: Bool { isNothing || _isPOD(T.self) }

    @inlinable
    var isMade: Bool { memory.load(as: Bool.self) }

    /// The value, made if this is the first touch.
    @inlinable
    var value: UnsafeMutablePointer<T> {
        let place = (memory + Self.offset).assumingMemoryBound(to: T.self)
        if !isMade {
            place.initialize(to: T())
            memory.storeBytes(of: true, as: Bool.self)
        }
        return place
    }

    /// Takes the value out, if it was made; the slot is empty then.
    func take() -> T? {
        guard isMade else { return nil }
        memory.storeBytes(of: false, as: Bool.self)
        return (memory + Self.offset).assumingMemoryBound(to: T.self).move()
    }
}

/// Where a hook finds its slot, or a value that takes its place for a moment. One place, and so one yield in the accessors: those with
/// more are not inlined, and a coroutine that is not costs an allocation each time.
@usableFromInline
struct SlotPlace<T: Slot> {
    @usableFromInline let value: UnsafeMutablePointer<T>
    @usableFromInline let isFresh: Bool

    @inlinable
    init(_ memory: UnsafeMutableRawPointer?) {
        if let slot = SlotMemory<T>(memory) {
            (value, isFresh) = (slot.value, false)
        } else {
            (value, isFresh) = (.allocate(capacity: 1), true)
            value.initialize(to: T())
        }
    }

    @inlinable
    func forget() {
        guard isFresh else { return }
        value.deinitialize(count: 1)
        value.deallocate()
    }
}
