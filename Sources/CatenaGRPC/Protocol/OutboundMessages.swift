// SPDX-License-Identifier: Apache-2.0
// The body of a stream on its way out: messages in their order, and whether more will come. Almost every body is one message, so
// the queue is only made for a second that waits.
internal import NIOCore

/// The messages a stream has yet to send.
struct OutboundMessages {
    /// A stream with more than this many bytes waiting asks its writer to wait.
    static let highWaterMark = 64 << 10
    /// The writer may go on when no more than this many are left.
    static let lowWaterMark = 16 << 10

    private var current: OutboundMessage?
    private var waiting: CircularBuffer<OutboundMessage>?
    /// Bytes not yet sent, framing included.
    private(set) var remainingBytes = 0
    /// Nothing will be appended any more.
    private(set) var isEnded = false
    /// The writer was asked to wait.
    private(set) var isFull = false

    mutating func append(_ message: OutboundMessage) {
        if current == nil {
            current = message
        } else {
            if waiting == nil { waiting = CircularBuffer(initialCapacity: 4) }
            waiting?.append(message)
        }
        remainingBytes += message.remainingBytes
        if remainingBytes > Self.highWaterMark { isFull = true }
    }

    mutating func end() { isEnded = true }

    /// Drops what was not sent.
    mutating func removeAll() {
        current = nil
        waiting = nil
        remainingBytes = 0
    }

    /// Fills `target` with the next bytes; it is not longer than ``remainingBytes``.
    ///
    /// - Returns: true when the writer had been asked to wait and may now go on.
    mutating func write(into target: UnsafeMutableRawBufferPointer) -> Bool {
        var written = 0
        while let left = current?.remainingBytes, written < target.count {
            let count = min(target.count - written, left)
            unsafe current?.write(into: UnsafeMutableRawBufferPointer(rebasing: target[written..<(written + count)]))
            written += count
            if count == left { current = waiting?.popFirst() }
        }
        remainingBytes -= written
        guard isFull, remainingBytes <= Self.lowWaterMark else { return false }
        isFull = false
        return true
    }
}
