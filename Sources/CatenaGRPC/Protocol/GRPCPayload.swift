// SPDX-License-Identifier: Apache-2.0
// A message's bytes where they already are. Who keeps its messages in memory of its own hands them out without a copy: they are
// copied once, into the frame that carries them.
public import NIOCore

/// The bytes of one message, without gRPC's framing.
public struct GRPCPayload: Sendable {
    @unsafe private enum Storage {
        case buffer(ByteBuffer)
        case owned(AnyObject, UnsafeRawBufferPointer)
    }

    /// Unchecked because an owner promises with ``init(owner:bytes:)`` that its bytes never change.
    @safe private struct Held: @unchecked Sendable {
        let storage: Storage
    }

    private let held: Held
    /// The length in bytes.
    public let count: Int

    public init(_ buffer: ByteBuffer) {
        held = unsafe Held(storage: .buffer(buffer))
        count = buffer.readableBytes
    }

    /// Bytes that `owner` keeps: they stay where they are and do not change as long as `owner` is held, which may end on any thread.
    @unsafe public init(owner: AnyObject, bytes: UnsafeRawBufferPointer) {
        held = unsafe Held(storage: .owned(owner, bytes))
        count = bytes.count
    }

    /// The same bytes; copied if an owner keeps them.
    var buffer: ByteBuffer {
        switch unsafe held.storage {
        case .buffer(let buffer): buffer
        case .owned(_, let bytes): unsafe ByteBuffer(bytes: bytes)
        }
    }

    /// Copies a part to the beginning of `target`.
    func copy(_ range: Range<Int>, to target: UnsafeMutableRawBufferPointer) {
        switch unsafe held.storage {
        case .buffer(let buffer):
            unsafe buffer.withUnsafeReadableBytes { bytes in
                unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
            }
        case .owned(_, let bytes): unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
    }
}
