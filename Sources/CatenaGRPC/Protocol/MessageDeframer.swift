// SPDX-License-Identifier: Apache-2.0
// The way in of the five-byte framing: it takes DATA as it comes, cut anywhere, and gives whole messages. The length is checked
// against the limit before a byte of the message is kept, and memory is taken as bytes come, not as a prefix promises.
package import NIOCore

/// Reassembles length-prefixed messages (gRPC PROTOCOL-HTTP2, "Length-Prefixed-Message").
package struct MessageDeframer {
    /// Taken at once for a message whose prefix has come; more only as its bytes do.
    private static let firstAllocation = 256 << 10

    /// A compressed message came although no encoding that we know was announced.
    package enum Failure: Error, Equatable {
        case compressed
        case invalidFlag(UInt8)
        case tooLarge(length: Int)
    }

    private let maxLength: Int
    private var prefix: UInt64 = 0
    private var prefixCount = 0
    private var missing = 0
    private var message = ByteBuffer()

    /// - Parameter maxLength: Longest payload accepted, in bytes.
    package init(maxLength: Int) {
        self.maxLength = maxLength
    }

    /// The bytes so far end inside a message.
    package var isInsideMessage: Bool { prefixCount > 0 }

    /// Takes bytes, and gives each message that they complete.
    ///
    /// - Throws: ``Failure`` when what follows cannot be read; the stream is to be ended.
    package mutating func read(_ bytes: Span<UInt8>, _ emit: (ByteBuffer) throws(Failure) -> Void) throws(Failure) {
        var position = 0
        while position < bytes.count {
            if prefixCount < OutboundMessage.prefixLength {
                prefix = prefix << 8 | UInt64(bytes[position])
                position += 1
                prefixCount += 1
                guard prefixCount == OutboundMessage.prefixLength else { continue }
                try begin()
            } else {
                let count = min(missing, bytes.count - position)
                unsafe bytes.extracting(position..<(position + count)).withUnsafeBytes { unsafe _ = message.writeBytes($0) }
                position += count
                missing -= count
            }
            if missing == 0 {
                prefixCount = 0
                prefix = 0
                let complete = message
                message = ByteBuffer()
                try emit(complete)
            }
        }
    }

    private mutating func begin() throws(Failure) {
        let flag = UInt8(truncatingIfNeeded: prefix >> 32)
        let length = Int(prefix & 0xffff_ffff)
        guard flag == 0 else { throw flag == 1 ? .compressed : .invalidFlag(flag) }
        guard length <= maxLength else { throw .tooLarge(length: length) }
        missing = length
        if length > 0 { message = ByteBufferAllocator().buffer(capacity: min(length, Self.firstAllocation)) }
    }
}
