// SPDX-License-Identifier: Apache-2.0
// A message's bytes where they already are. Who keeps its messages in memory of its own hands them out without a copy: they are
// copied once, into the frame that carries them.
public import NIOCore

/// The bytes of one message, without gRPC's framing.
///
/// Unchecked because an owner promises with ``init(owner:bytes:)`` that its bytes never change.
@safe public struct GRPCPayload: @unchecked Sendable {
    // Fields and not the cases of an enum: the bytes are then looked at without a reference being counted.

    /// What keeps the bytes; nil for those of a buffer.
    private let owner: AnyObject?
    private let bytes: UnsafeRawBufferPointer
    private let held: ByteBuffer?
    /// The length in bytes.
    public let count: Int

    public init(_ buffer: ByteBuffer) {
        owner = nil
        unsafe bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        count = buffer.readableBytes
        held = buffer
    }

    /// Bytes that `owner` keeps: they stay where they are and do not change as long as `owner` is held, which may end on any thread.
    @unsafe public init(owner: AnyObject, bytes: UnsafeRawBufferPointer) {
        self.owner = owner
        unsafe self.bytes = bytes
        count = bytes.count
        held = nil
    }

    /// The same bytes; copied if an owner keeps them.
    var buffer: ByteBuffer { unsafe held ?? ByteBuffer(bytes: bytes) }

    /// Copies a part to the beginning of `target`.
    func copy(_ range: Range<Int>, to target: UnsafeMutableRawBufferPointer) {
        if owner != nil {
            unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
        } else {
            unsafe held?.withUnsafeReadableBytes { bytes in
                unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
            }
        }
    }
}
