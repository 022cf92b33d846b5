// SPDX-License-Identifier: Apache-2.0
// What travels through a chain: a NetworkServiceRequest as its wire bytes plus an index of its fields. Elements touch a few
// fields of many, so those are changed in place and all others, known or not, are passed on as they came.

internal import Synchronization

/// A request, or the connection of a Close: a request that carries nothing else.
///
/// Invariants: the bytes have been checked at every level; no singular field occurs twice; the index is true.
///
/// Not Sendable, and used by one thread at a time: a message belongs to one call, and a call runs on one loop at a time.
/// Clones are independent, but share bytes until one of them changes, and the count of those who share is atomic: clones may
/// live on different threads.
package final class Message {
    /// The limit of protobuf, in bytes.
    package static let sizeLimit = 0x7fff_fffe

    /// Unchecked: one thread at a time uses a message, and nothing that reads or edits these bytes calls out; they are touched
    /// fifty times in each call, and every check costs as much as what it guards.
    @exclusivity(unchecked) var bytes: MessageBytes
    var index: MessageIndex {
        @inline(__always) _read { yield bytes.index }
        @inline(__always) _modify { yield &bytes.index }
    }
    /// The segment that was read last, to find the next one without beginning anew.
    var cursor: SegmentCursor?
    private let isTaken = Atomic<Bool>(false)

    private init(_ bytes: MessageBytes) { self.bytes = bytes }

    /// Takes bytes over as they are, once they are known to be a request. Bytes with a singular field that occurs twice are
    /// made plain first; peers that write such bytes exist on paper only, so this is slow.
    private convenience init(checking bytes: MessageBytes) throws(MessageError) {
        try bytes.scan()
        if bytes.index.isPlain {
            self.init(bytes)
        } else {
            let plain = bytes.withBytes { MessageType.request.canonical($0, 0..<$0.count) }
            let bytes = MessageBytes(copying: plain.span)
            try bytes.scan()
            self.init(bytes)
        }
    }

    /// An empty request.
    package convenience init() {
        let nothing: [UInt8] = []
        self.init(MessageBytes(copying: nothing.span))
    }

    /// A request as it came from the wire; copied.
    package convenience init(request bytes: Span<UInt8>) throws(MessageError) {
        guard bytes.count <= Self.sizeLimit else { throw MessageError(.tooLarge, in: .request) }
        try self.init(checking: MessageBytes(copying: bytes))
    }

    /// A connection as it came from the wire (a Close, or the answer to a Request), as a request that carries only it; copied.
    package convenience init(connection bytes: Span<UInt8>) throws(MessageError) {
        guard bytes.count <= Self.sizeLimit - 8 else { throw MessageError(.tooLarge, in: .connection) }
        let head = WireHead(1, count: bytes.count)
        do {
            // It grows seldom: an answer is read, and the connection of a Close has been through this host before.
            try self.init(checking: MessageBytes(copying: bytes, after: head, room: MessageBytes.leastRoom))
        } catch {
            throw error.moved(by: -head.count)  // the caller does not know of the head
        }
    }

    /// A request as it came from the wire; copied.
    package convenience init(request bytes: [UInt8]) throws(MessageError) { try self.init(request: bytes.span) }

    /// A connection as it came from the wire, as a request that carries only it; copied.
    package convenience init(connection bytes: [UInt8]) throws(MessageError) { try self.init(connection: bytes.span) }

    /// A message of its own with the same contents. The bytes are copied when one of the two changes.
    package func clone() -> Message { Message(bytes) }

    /// Runs a change, or the making of a clone, alone. An element that the host has given up on may still be changing its message
    /// while the host makes the clone that it goes on with; a change takes no longer than the copying of the message.
    func alone<R, E>(_ body: () throws(E) -> R) throws(E) -> R {
        while isTaken.exchange(true, ordering: .acquiring) {}
        defer { isTaken.store(false, ordering: .releasing) }
        return try body()
    }

    /// Reads the bytes, which must not change meanwhile; so this message keeps them and no reference is counted.
    @inline(__always)
    func withBytes<R, E>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        let buffer = bytes.buffer
        return try body(buffer.span)
    }

    /// Becomes the same as `other`, sharing its bytes.
    func become(_ other: Message) {
        bytes = other.bytes
        cursor = nil
    }

    /// Becomes the same as `other`, in memory of its own: what takes over whole requests is kept from call to call, and lies where it lay
    /// as long as that has the right size.
    func copy(_ other: Message) {
        bytes.copy(other.bytes)
        cursor = nil
    }

    /// The request for the wire.
    package var requestBytes: [UInt8] { withRequestBytes { $0.copied() } }

    /// The connection for the wire; empty when there is none.
    package var connectionBytes: [UInt8] { withConnectionBytes { $0.copied() } }

    /// The request for the wire, without a copy. The message must not be changed meanwhile.
    package func withRequestBytes<R, E>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        try withBytes(body)
    }

    /// The connection for the wire, without a copy. The message must not be changed meanwhile.
    package func withConnectionBytes<R, E>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        let range = index.connection.contents
        return try withBytes { (bytes) throws(E) in try body(bytes.extracting(range)) }
    }

    /// The request for the wire as it lies here. The message may change meanwhile: it does so in other memory.
    package var sharedRequestBytes: SharedBytes { bytes.shared(0..<bytes.count) }

    /// The connection for the wire as it lies here; empty when there is none. The message may change meanwhile.
    package var sharedConnectionBytes: SharedBytes { bytes.shared(index.connection.contents) }
}

extension Span<UInt8> {
    func copied() -> [UInt8] { withUnsafeBufferPointer { Array($0) } }
}
