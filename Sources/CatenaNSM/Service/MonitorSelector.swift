// SPDX-License-Identifier: Apache-2.0
// Which connections a subscriber wants to hear of (api: connection.proto, MonitorScopeSelector). It is asked for every change of every
// connection, so that it is read once and compared with bytes where they lie in the message.

/// A MonitorScopeSelector.
struct MonitorSelector: Sendable {
    /// Longest selector that is read, in bytes: every change is compared with all of it. A run of six segments with tokens has some
    /// thousand.
    static let sizeLimit = 64 << 10

    /// A path segment; what is empty is any.
    private struct Segment: Sendable {
        var name: [UInt8] = []
        var id: [UInt8] = []
        var token: [UInt8] = []
    }

    /// An id that some segment of each connection's path has; nil: none is named.
    private(set) var segmentID: String?
    private var segments: [Segment] = []
    private var services: [[UInt8]] = []

    /// - Throws: when the bytes are no MonitorScopeSelector.
    init(_ bytes: Span<UInt8>) throws(MessageError) {
        guard bytes.count <= Self.sizeLimit else { throw MessageError(.tooLarge, in: .path) }
        var reader = WireReader(0..<bytes.count, of: .path)
        while let field = try reader.next(in: bytes) {
            switch (field.number, field.type) {
            case (1, .delimited):
                _ = try MessageType.pathSegment.check(bytes, field.contents, depth: 2)
                let places = SegmentPlaces(field, in: bytes)
                segments.append(
                    Segment(
                        name: bytes.extracting(places.name).copied(), id: bytes.extracting(places.id).copied(),
                        token: bytes.extracting(places.token).copied()))
            case (2, .delimited):
                try MessageType.connection.checkText(bytes, field.contents, field: 2)
                services.append(bytes.extracting(field.contents).copied())
            default: continue
            }
        }
        segmentID = segments.first { !$0.id.isEmpty }.map { String(decoding: $0.id, as: UTF8.self) }
    }

    /// Whether the connection has one of the services, and the segments are a run of its path. What is not said holds for all.
    func matches(_ message: Message) -> Bool {
        matchesService(of: message) && matchesPath(of: message)
    }

    private func matchesService(of message: Message) -> Bool {
        if services.isEmpty { return true }
        let service = message.view(.networkService) ?? UnsafeRawBufferPointer(start: nil, count: 0)
        return services.contains { Self.isSame($0, service) }
    }

    private func matchesPath(of message: Message) -> Bool {
        if segments.isEmpty { return true }
        guard segments.count <= message.segmentCount else { return false }
        return (0...(message.segmentCount - segments.count)).contains { matches(message, from: $0) }
    }

    private func matches(_ message: Message, from first: Int) -> Bool {
        segments.indices.allSatisfy { index in
            guard let places = message.segmentPlaces(first + index) else { return false }
            let wanted = segments[index]
            return [(wanted.name, places.name), (wanted.id, places.id), (wanted.token, places.token)].allSatisfy { wanted, place in
                wanted.isEmpty || Self.isSame(wanted, message.view(place))
            }
        }
    }

    private static func isSame(_ wanted: [UInt8], _ found: UnsafeRawBufferPointer) -> Bool {
        wanted.count == found.count && wanted.elementsEqual(found)
    }
}
