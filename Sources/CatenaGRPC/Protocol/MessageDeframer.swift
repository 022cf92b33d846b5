// SPDX-License-Identifier: Apache-2.0
// The way in of the five-byte framing: it takes DATA as it comes, cut anywhere, and gives whole messages. The length is checked
// against the limit before a byte of the message is kept, and memory is taken as bytes come, not as a prefix promises.
package import NIOCore

/// Reassembles length-prefixed messages (gRPC PROTOCOL-HTTP2, "Length-Prefixed-Message"), and unpacks those that are compressed.
package struct MessageDeframer {
    /// Taken at once for a message whose prefix has come; more only as its bytes do.
    private static let firstAllocation = 256 << 10

    /// Why what follows cannot be read.
    package enum Failure: Error, Equatable {
        /// A compressed message came although no encoding that we know was announced.
        case compressed
        case invalidFlag(UInt8)
        case tooLarge(length: Int)
        /// A compressed message that unpacks to more than the limit.
        case unpacksTooLarge
        /// A compressed message that is not of the encoding that was announced.
        case corrupt
    }

    /// What compressed messages are compressed with.
    package var encoding = MessageEncoding.identity
    private let maxLength: Int
    private var prefix: UInt64 = 0
    private var prefixCount = 0
    private var missing = 0
    private var isCompressed = false
    private var message = ByteBuffer()

    /// - Parameter maxLength: Longest payload accepted, in bytes.
    package init(maxLength: Int) {
        self.maxLength = maxLength
    }

    /// Forgets what was begun, for another stream.
    package mutating func reset() {
        encoding = .identity
        prefix = 0
        prefixCount = 0
        missing = 0
        if isCompressed || message.capacity > 0 {
            isCompressed = false
            message = ByteBuffer()
        }
    }

    /// The bytes so far end inside a message.
    package var isInsideMessage: Bool { prefixCount > 0 }

    /// Whether `bytes` are one whole message and nothing else, which begins with them and needs no unpacking. Such bytes need not be
    /// taken: what follows the first ``OutboundMessage/prefixLength`` of them is the message.
    package func isWhole(_ bytes: Span<UInt8>) -> Bool {
        guard prefixCount == 0, bytes.count >= OutboundMessage.prefixLength, bytes[0] == 0 else { return false }
        let length = Int(bytes[1]) << 24 | Int(bytes[2]) << 16 | Int(bytes[3]) << 8 | Int(bytes[4])
        return length == bytes.count - OutboundMessage.prefixLength && length <= maxLength
    }

    /// Takes bytes, and gives each message that they complete.
    ///
    /// - Parameter spare: where the memory for a message is looked for.
    /// - Throws: ``Failure`` when what follows cannot be read; the stream is to be ended.
    package mutating func read(
        _ bytes: Span<UInt8>, spare: inout SpareBuffer, _ emit: (ByteBuffer) throws(Failure) -> Void
    ) throws(Failure) {
        var position = 0
        while position < bytes.count {
            if prefixCount < OutboundMessage.prefixLength {
                prefix = prefix << 8 | UInt64(bytes[position])
                position += 1
                prefixCount += 1
                guard prefixCount == OutboundMessage.prefixLength else { continue }
                try begin(&spare)
            } else {
                let count = min(missing, bytes.count - position)
                unsafe bytes.extracting(position..<(position + count)).withUnsafeBytes { unsafe _ = message.writeBytes($0) }
                position += count
                missing -= count
            }
            if missing == 0 { try emit(complete()) }
        }
    }

    private mutating func begin(_ spare: inout SpareBuffer) throws(Failure) {
        let flag = UInt8(truncatingIfNeeded: prefix >> 32)
        let length = Int(prefix & 0xffff_ffff)
        guard flag <= 1 else { throw .invalidFlag(flag) }
        isCompressed = flag == 1
        if isCompressed, encoding != .gzip { throw .compressed }
        guard length <= maxLength else { throw .tooLarge(length: length) }
        missing = length
        if length > 0 { message = spare.take(capacity: min(length, Self.firstAllocation)) }
    }

    private mutating func complete() throws(Failure) -> ByteBuffer {
        prefixCount = 0
        prefix = 0
        let complete = message
        message = ByteBuffer()
        guard isCompressed else { return complete }
        do throws(Gzip.Failure) {
            return try Gzip.unpack(complete, maxLength: maxLength)
        } catch {
            throw error == .tooLarge ? .unpacksTooLarge : .corrupt
        }
    }
}

extension MessageDeframer.Failure {
    /// The status of a call with such a message.
    ///
    /// - Parameters:
    ///   - encoding: what the headers announced.
    ///   - unknownEncoding: the code when it is one that we do not know: UNIMPLEMENTED at a server, INTERNAL at a client.
    func status(_ encoding: MessageEncoding, limit: Int, unknownEncoding: GRPCStatus.Code) -> GRPCStatus {
        switch self {
        case .compressed:
            if case .unknown(let name) = encoding {
                return GRPCStatus(unknownEncoding, "messages compressed with \"\(name)\" are not supported")
            }
            return GRPCStatus(.internal, "a message is marked as compressed, but no grpc-encoding was named")
        case .invalidFlag(let flag): return GRPCStatus(.internal, "the compressed flag of a message is \(flag), not 0 or 1")
        case .tooLarge(let length):
            return GRPCStatus(.resourceExhausted, "a message of \(length) bytes is above the limit of \(limit)")
        case .unpacksTooLarge:
            return GRPCStatus(.resourceExhausted, "a compressed message unpacks to more than the limit of \(limit) bytes")
        case .corrupt: return GRPCStatus(.internal, "a message marked as compressed is not gzip")
        }
    }
}
