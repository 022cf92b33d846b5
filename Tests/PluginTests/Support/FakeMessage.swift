// SPDX-License-Identifier: Apache-2.0
// A message as plain Swift fields behind the table of "message/1", for tests of elements without a host.
// It keeps what the rules of the header ask for, and counts copies that were not released.
internal import CatenaABI

public final class FakeMessage {
    public struct Segment: Equatable {
        public var name: String, id: String, token: String, expires: Int64
        public init(_ name: String, _ id: String, token: String = "", expires: Int64 = .min) {
            (self.name, self.id, self.token, self.expires) = (name, id, token, expires)
        }
    }

    /// Counts the copies of one message that are alive.
    public final class Ledger {
        public internal(set) var copies = 0
    }

    public var texts: [UInt32: [UInt8]] = [:]
    public var numbers: [UInt32: UInt32] = [:]
    public var maps: [UInt32: [String: String]] = [:]
    public var segments: [Segment] = []
    public let ledger: Ledger
    private var lent: [UnsafeMutableBufferPointer<UInt8>] = []

    public init(id: String = "", service: String = "", segments: [Segment] = [], index: UInt32 = 0, ledger: Ledger? = nil) {
        self.ledger = ledger ?? Ledger()
        self.segments = segments
        self.id = id
        if !service.isEmpty { texts[CATENA_F_NETWORK_SERVICE] = Array(service.utf8) }
        pathIndex = index
    }

    deinit { lent.forEach { $0.deallocate() } }

    public var id: String {
        get { String(decoding: texts[CATENA_F_ID] ?? [], as: UTF8.self) }
        set { texts[CATENA_F_ID] = Array(newValue.utf8) }
    }

    /// The mechanism, as opaque text.
    public var mechanism: String? {
        get { texts[CATENA_F_MECHANISM].map { String(decoding: $0, as: UTF8.self) } }
        set { texts[CATENA_F_MECHANISM] = newValue.map { Array($0.utf8) } }
    }

    public var preferences: String? {
        get { texts[CATENA_F_PREFERENCES].map { String(decoding: $0, as: UTF8.self) } }
        set { texts[CATENA_F_PREFERENCES] = newValue.map { Array($0.utf8) } }
    }

    public var pathIndex: UInt32 {
        get { numbers[CATENA_F_PATH_INDEX] ?? 0 }
        set { numbers[CATENA_F_PATH_INDEX] = newValue }
    }

    public var state: UInt32 {
        get { numbers[CATENA_F_STATE] ?? 0 }
        set { numbers[CATENA_F_STATE] = newValue }
    }

    func copy() -> FakeMessage {
        let copy = FakeMessage(ledger: ledger)
        copy.texts = texts
        copy.numbers = numbers
        copy.maps = maps
        copy.segments = segments
        return copy
    }

    func assign(_ field: UInt32, from other: FakeMessage) {
        guard field == CATENA_F_CONNECTION || field == CATENA_F_REQUEST else {
            texts[field] = other.texts[field]
            return
        }
        let own = preferences
        texts = other.texts
        numbers = other.numbers
        maps = other.maps
        segments = other.segments
        if field == CATENA_F_CONNECTION { preferences = own }
    }

    /// Bytes that stay where they are as long as this message.
    func lend(_ bytes: [UInt8]) -> UnsafeMutableBufferPointer<UInt8> {
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, bytes.count))
        for (index, byte) in bytes.enumerated() { buffer[index] = byte }
        lent.append(buffer)
        return UnsafeMutableBufferPointer(rebasing: buffer[..<bytes.count])
    }

    func lendText(_ text: String) -> catena_str {
        let buffer = lend(Array(text.utf8))
        return catena_str(ptr: UnsafeRawPointer(buffer.baseAddress!).assumingMemoryBound(to: CChar.self), len: text.utf8.count)
    }

    /// Tokens are redacted here, as the host does.
    func json() -> String {
        let path = segments.map { "{\"name\":\"\($0.name)\",\"id\":\"\($0.id)\",\"token\":\"\($0.token.isEmpty ? "" : "<redacted>")\"}" }
        return "{\"id\":\"\(id)\",\"path\":[\(path.joined(separator: ","))]}"
    }

    public var pointer: OpaquePointer { OpaquePointer(Unmanaged.passUnretained(self).toOpaque()) }

    static func at(_ pointer: OpaquePointer?) -> FakeMessage {
        Unmanaged<FakeMessage>.fromOpaque(UnsafeRawPointer(pointer!)).takeUnretainedValue()
    }
}
