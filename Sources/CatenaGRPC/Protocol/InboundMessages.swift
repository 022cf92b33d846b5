// SPDX-License-Identifier: Apache-2.0
// Messages that have come and were not read yet. They come to a reader one at a time, since any of them may make it stop reading.
internal import NIOCore

/// The messages of one direction of a streaming call, between the wire and who reads them.
struct InboundMessages {
    /// What the reader is told next.
    enum Event {
        case message(ByteBuffer, (ByteBuffer) -> Void)
        case end(() -> Void)
    }

    var messageAction: ((ByteBuffer) -> Void)?
    var endAction: (() -> Void)?
    /// Events are being told, further up in the stack.
    var isDelivering = false
    private var waiting = CircularBuffer<ByteBuffer>(initialCapacity: 2)
    private var isEnded = false

    mutating func queue(_ message: ByteBuffer) { waiting.append(message) }

    /// No message follows.
    mutating func end() { isEnded = true }

    /// Takes the next event off the queue; nil when there is none, or nobody to tell.
    mutating func next() -> Event? {
        guard let messageAction else { return nil }
        if let message = waiting.popFirst() { return .message(message, messageAction) }
        guard isEnded, let endAction else { return nil }
        self.endAction = nil
        return .end(endAction)
    }
}
