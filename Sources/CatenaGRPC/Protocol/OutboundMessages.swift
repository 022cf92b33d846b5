// SPDX-License-Identifier: Apache-2.0
// The body of a stream on its way out: messages in their order, and whether more will come. Almost every body is one message, so
// the queue is only made for a second that waits.
internal import NIOCore

/// The messages a stream has yet to send.
struct OutboundMessages: ~Copyable {
    /// A stream with more than this many bytes waiting asks its writer to wait.
    static let highWaterMark = 64 << 10
    /// The writer may go on when no more than this many are left.
    static let lowWaterMark = 16 << 10

    private var current: OutboundMessage?
    private var waiting: CircularBuffer<(payload: GRPCPayload, isCompressed: Bool)>?
    /// Bytes not yet sent, framing included.
    private(set) var remainingBytes = 0
    /// Nothing will be appended any more.
    private(set) var isEnded = false
    /// The writer was asked to wait.
    private(set) var isFull = false

    mutating func append(_ message: consuming OutboundMessage) {
        let length = message.remainingBytes
        // What is there to send is in the current message first.
        if remainingBytes == 0 {
            current = consume message
        } else {
            if waiting == nil { waiting = CircularBuffer(initialCapacity: 4) }
            waiting?.append((message.payload, message.isCompressed))
        }
        remainingBytes += length
        if remainingBytes > Self.highWaterMark { isFull = true }
    }

    mutating func end() { isEnded = true }

    /// Drops what was not sent.
    mutating func removeAll() {
        current = nil
        if waiting != nil { waiting = nil }
        remainingBytes = 0
    }

    /// Makes this as good as new.
    mutating func reset() {
        removeAll()
        isEnded = false
        isFull = false
    }

    /// Fills `target` with the next bytes; it is not longer than ``remainingBytes``.
    ///
    /// - Returns: true when the writer had been asked to wait and may now go on.
    mutating func write(into target: UnsafeMutableRawBufferPointer) -> Bool {
        var written = 0
        while written < target.count {
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: target[written...])
            guard let count = unsafe current?.write(into: part) else { break }
            written += count
            if current?.remainingBytes == 0 { next() }
        }
        remainingBytes -= written
        guard isFull, remainingBytes <= Self.lowWaterMark else { return false }
        isFull = false
        return true
    }

    /// The current message has been sent.
    private mutating func next() {
        guard let next = waiting?.popFirst() else { return current = nil }
        current = OutboundMessage(next.payload, isCompressed: next.isCompressed)
    }
}
