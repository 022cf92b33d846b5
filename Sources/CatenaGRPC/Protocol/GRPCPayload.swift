// SPDX-License-Identifier: Apache-2.0
// A message's bytes where they already are. Who keeps its messages in memory of its own hands them out without a copy: they are
// copied once, into the frame that carries them.
public import NIOCore

/// The bytes of one message, without gRPC's framing.
///
/// Unchecked because an owner promises with ``init(owner:bytes:)`` that its bytes never change, and a buffer in its box never does.
@safe public struct GRPCPayload: @unchecked Sendable {
    /// A buffer as an object, so that a payload is one reference whatever keeps its bytes.
    private final class Box {
        let buffer: ByteBuffer

        init(_ buffer: ByteBuffer) { self.buffer = buffer }
    }

    private let owner: AnyObject
    /// nil when `owner` is a ``Box``.
    private let start: UnsafeRawPointer?
    /// The length in bytes.
    public let count: Int

    public init(_ buffer: ByteBuffer) {
        owner = Box(buffer)
        unsafe start = nil
        count = buffer.readableBytes
    }

    /// Bytes that `owner` keeps: they stay where they are and do not change as long as `owner` is held, which may end on any thread.
    @unsafe public init(owner: AnyObject, bytes: UnsafeRawBufferPointer) {
        // No bytes may have no address, and any will do.
        self.owner = unsafe bytes.baseAddress == nil ? Box(ByteBuffer()) : owner
        unsafe start = UnsafeRawPointer(bytes.baseAddress)
        count = bytes.count
    }

    /// The same bytes; copied if an owner keeps them.
    var buffer: ByteBuffer {
        if let start = unsafe start { return unsafe ByteBuffer(bytes: UnsafeRawBufferPointer(start: start, count: count)) }
        return unsafe unsafeDowncast(owner, to: Box.self).buffer
    }

    /// Copies a part to the beginning of `target`.
    func copy(_ range: Range<Int>, to target: UnsafeMutableRawBufferPointer) {
        if let start = unsafe start {
            unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(start: start, count: count)[range]))
        } else {
            unsafe unsafeDowncast(owner, to: Box.self).buffer.withUnsafeReadableBytes { bytes in
                unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
            }
        }
    }
}
