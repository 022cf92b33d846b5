// SPDX-License-Identifier: Apache-2.0
// The message of a unary call mostly lies in the same read as the end of its stream. So it is looked at where it lies, and copied only
// when the end lets itself be waited for.
internal import NIOCore

/// The one message of a stream, from its coming to the stream's end.
@safe struct HeldMessage: ~Copyable {
    private enum State { case none, borrowed, kept }

    private var state = State.none
    /// Where the message lies in the session's input; meaningful while borrowed, and good until ``HTTP2Stream/keepBorrowed()``.
    private var borrowed = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    private var kept: ByteBuffer?

    var isEmpty: Bool { state == .none }

    /// Remembers where a message lies. The stream sees to it with ``HTTP2Stream/isBorrowing`` that this ends in time.
    mutating func borrow(_ bytes: Span<UInt8>) {
        unsafe borrowed = bytes.withUnsafeBufferPointer { UnsafeRawBufferPointer($0) }
        state = .borrowed
    }

    mutating func keep(_ message: consuming ByteBuffer) {
        kept = message
        state = .kept
    }

    /// Copies a borrowed message, which is about to go.
    mutating func keepBorrowed(_ spare: inout SpareBuffer) {
        if state == .borrowed { unsafe keep(spare.copy(borrowed)) }
    }

    mutating func removeAll() {
        if state == .kept { kept = nil }
        state = .none
    }

    /// Takes the message out, so that code which runs while it is read may use the stream.
    mutating func take() -> HeldMessage {
        let taken = self
        self = HeldMessage()
        return taken
    }

    /// Lends the bytes, none when there is no message.
    func withBytes(_ body: (Span<UInt8>) -> Void) {
        if state == .kept, let kept { return body(kept.readableBytesUInt8Span) }
        let bytes = unsafe state == .borrowed ? borrowed : UnsafeRawBufferPointer(start: nil, count: 0)
        unsafe body(Span(_unsafeElements: bytes.assumingMemoryBound(to: UInt8.self)))
    }

    /// The message as a buffer that may be kept; an empty one when there is no message.
    consuming func buffer(_ spare: inout SpareBuffer) -> ByteBuffer {
        keepBorrowed(&spare)
        return kept ?? ByteBuffer()
    }

    /// Gives the memory of a message that was read back for the next.
    consuming func recycle(_ spare: inout SpareBuffer) {
        if state == .kept, let kept = kept.take() { spare.put(kept) }
    }
}
