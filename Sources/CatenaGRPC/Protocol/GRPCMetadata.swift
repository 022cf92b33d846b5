// SPDX-License-Identifier: Apache-2.0
// Key and value pairs beside the messages. Names and values are checked when they are put in, so that nothing a caller or an element
// of a chain invents can break a connection when the block is sent.

/// Metadata of a call, or trailers (gRPC PROTOCOL-HTTP2, "Custom-Metadata"): ordered, names may repeat.
public struct GRPCMetadata: Hashable, Sendable {
    /// The value of an entry.
    public enum Value: Hashable, Sendable {
        /// Printable ASCII, 0x20 to 0x7e.
        case text(String)
        /// Any bytes; the name ends in `-bin`, and base64 is only on the wire.
        case binary([UInt8])
    }

    /// A name, lower-case, and its value.
    public struct Entry: Hashable, Sendable {
        public let name: String
        public let value: Value
    }

    /// All entries in their order.
    public private(set) var entries: [Entry] = []

    /// No metadata; allocates nothing.
    public init() {}

    public var isEmpty: Bool { entries.isEmpty }

    /// Adds a text value. `name` is made lower-case.
    ///
    /// - Throws: ``GRPCMetadataError`` when the name is not of `0-9 a-z _ - .`, is reserved (``isReserved(_:)``) or ends in `-bin`,
    ///   or when the value holds anything but printable ASCII.
    public mutating func add(_ name: String, _ value: String) throws(GRPCMetadataError) {
        let name = try Self.checked(name)
        guard !name.hasSuffix("-bin") else { throw .nameNotForText(name) }
        guard value.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else { throw .invalidValue(name: name) }
        entries.append(Entry(name: name, value: .text(value)))
    }

    /// Adds a binary value. `name` is made lower-case and must end in `-bin`.
    ///
    /// - Throws: ``GRPCMetadataError`` when the name is not of `0-9 a-z _ - .`, is reserved, or does not end in `-bin`.
    public mutating func add(_ name: String, binary value: [UInt8]) throws(GRPCMetadataError) {
        let name = try Self.checked(name)
        guard name.hasSuffix("-bin") else { throw .nameNotForBinary(name) }
        entries.append(Entry(name: name, value: .binary(value)))
    }

    /// The text values of a name, lower-case, in their order.
    public func texts(_ name: String) -> [String] {
        entries.compactMap { entry in
            guard entry.name == name, case .text(let text) = entry.value else { return nil }
            return text
        }
    }

    /// The binary values of a name, lower-case, in their order.
    public func binaries(_ name: String) -> [[UInt8]] {
        entries.compactMap { entry in
            guard entry.name == name, case .binary(let bytes) = entry.value else { return nil }
            return bytes
        }
    }

    /// Names that HTTP/2 or gRPC keeps for itself: they are never metadata, neither sent nor received.
    public static func isReserved(_ name: String) -> Bool {
        name.hasPrefix("grpc-") || reserved.contains(name)
    }

    private static let reserved: Set<String> = [
        "connection", "content-length", "content-type", "host", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade",
        "user-agent",
    ]

    mutating func append(_ entry: Entry) {
        entries.append(entry)
    }

    private static func checked(_ name: String) throws(GRPCMetadataError) -> String {
        let name = name.lowercased()
        let isValid = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
            default: false
            }
        }
        guard isValid, !name.isEmpty else { throw .invalidName(name) }
        guard !isReserved(name) else { throw .reservedName(name) }
        return name
    }
}

/// Why an entry cannot be metadata.
public enum GRPCMetadataError: Error, Hashable, Sendable, CustomStringConvertible {
    case invalidName(String)
    case reservedName(String)
    case nameNotForText(String)
    case nameNotForBinary(String)
    case invalidValue(name: String)

    public var description: String {
        switch self {
        case .invalidName(let name): "metadata name \"\(name)\" must be of lower-case letters, digits, '_', '-' and '.'"
        case .reservedName(let name): "metadata name \"\(name)\" is reserved by HTTP/2 or gRPC"
        case .nameNotForText(let name): "metadata name \"\(name)\" ends in -bin, so its value must be binary"
        case .nameNotForBinary(let name): "metadata name \"\(name)\" must end in -bin to carry a binary value"
        case .invalidValue(let name): "the value of metadata \"\(name)\" holds more than printable ASCII"
        }
    }
}
