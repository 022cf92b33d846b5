// SPDX-License-Identifier: Apache-2.0
// One message on its way out: the five bytes of gRPC's framing and the payload, which is copied once, into the frame that takes it.
internal import NIOCore

/// A length-prefixed message (gRPC PROTOCOL-HTTP2, "Length-Prefixed-Message") that is sent in pieces as flow control allows.
package struct OutboundMessage: ~Copyable {
    /// The compressed flag and the length, big-endian, before every message.
    package static let prefixLength = 5

    let payload: GRPCPayload
    let isCompressed: Bool
    /// Bytes sent, prefix included.
    private var position = 0

    /// A message. `isCompressed` says that the payload is, with the encoding that the stream's headers name.
    package init(_ payload: consuming GRPCPayload, isCompressed: Bool = false) {
        self.payload = payload
        self.isCompressed = isCompressed
    }

    /// Bytes not yet sent, prefix included.
    package var remainingBytes: Int { Self.prefixLength + payload.count - position }

    /// Fills `target` with the next bytes, as far as they go.
    ///
    /// - Returns: how many there were.
    package mutating func write(into target: UnsafeMutableRawBufferPointer) -> Int {
        var written = 0
        while position < Self.prefixLength, written < target.count {
            unsafe target[written] = prefix(position)
            position += 1
            written += 1
        }
        let start = position - Self.prefixLength
        let count = min(target.count - written, remainingBytes)
        guard count > 0 else { return written }
        unsafe payload.copy(start..<(start + count), to: UnsafeMutableRawBufferPointer(rebasing: target[written...]))
        position += count
        return written + count
    }

    private func prefix(_ index: Int) -> UInt8 {
        if index == 0 { return isCompressed ? 1 : 0 }
        return UInt8(truncatingIfNeeded: payload.count >> (8 * (Self.prefixLength - 1 - index)))
    }
}
