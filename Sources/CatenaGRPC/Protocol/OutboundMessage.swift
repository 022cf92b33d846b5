// SPDX-License-Identifier: Apache-2.0
// One message on its way out: the five bytes of gRPC's framing and the payload, which is copied once, into the frame that takes it.
package import NIOCore

/// A length-prefixed message (gRPC PROTOCOL-HTTP2, "Length-Prefixed-Message") that is sent in pieces as flow control allows.
package struct OutboundMessage {
    /// The compressed flag and the length, big-endian, before every message.
    package static let prefixLength = 5

    private var prefixLeft: Int
    private let length: UInt32
    private let flag: UInt8
    private var payload: ByteBuffer

    /// Nothing to send.
    package init() {
        prefixLeft = 0
        length = 0
        flag = 0
        payload = ByteBuffer()
    }

    /// A message. `isCompressed` says that the payload is, with the encoding that the stream's headers name.
    package init(_ payload: ByteBuffer, isCompressed: Bool = false) {
        prefixLeft = Self.prefixLength
        flag = isCompressed ? 1 : 0
        length = UInt32(clamping: payload.readableBytes)
        self.payload = payload
    }

    /// Bytes not yet sent, prefix included.
    package var remainingBytes: Int { prefixLeft + payload.readableBytes }

    /// Moves the next `count` bytes to `buffer`; at most ``remainingBytes``.
    package mutating func write(_ count: Int, into buffer: inout ByteBuffer) {
        var count = count
        if prefixLeft == Self.prefixLength, count >= Self.prefixLength {
            buffer.writeMultipleIntegers(flag, length)
            prefixLeft = 0
            count -= Self.prefixLength
        }
        while prefixLeft > 0, count > 0 {
            // A window of less than five bytes: byte by byte, the flag first and then the length from its high end.
            let shift = UInt32(prefixLeft - 1) * 8
            buffer.writeInteger(prefixLeft == Self.prefixLength ? flag : UInt8(truncatingIfNeeded: length >> shift))
            prefixLeft -= 1
            count -= 1
        }
        if count == payload.readableBytes {
            buffer.writeImmutableBuffer(payload)
            payload = ByteBuffer()
        } else if var part = payload.readSlice(length: count) {
            buffer.writeBuffer(&part)
        }
    }
}
