// SPDX-License-Identifier: Apache-2.0
// Reads what we send as a strict peer would, frame by frame: whatever came in, what goes out is HTTP/2 and gRPC. Written from RFC 9113
// and from gRPC PROTOCOL-HTTP2; nothing of what is under test helps here.

/// The frames of one connection on their way out.
struct OutputCheck {
    private enum Phase {
        case headersSent, ended, reset
    }

    private struct Stream {
        var phase = Phase.headersSent
        var isGRPC = false
        var statuses = 0
        var missing = 0
        var prefix: [UInt8] = []
    }

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// The promises that were not kept.
    private(set) var broken: [String] = []
    private let isServer: Bool
    private let inflater: HeaderInflater?
    private var bytes: [UInt8] = []
    private var position = 0
    private var frames = 0
    private var prefaceLeft: Int
    private var block: (stream: UInt32, flags: UInt8, bytes: [UInt8])?
    private var streams: [UInt32: Stream] = [:]
    private var lastOpened: UInt32 = 0
    private var lastGoAway = UInt32.max

    init(isServer: Bool) {
        self.isServer = isServer
        prefaceLeft = isServer ? 0 : Self.preface.count
        inflater = try? HeaderInflater()
    }

    /// Takes what was written.
    mutating func read(_ more: some Sequence<UInt8>) {
        bytes += more
        if prefaceLeft > 0 {
            guard bytes.count >= prefaceLeft else { return }
            if Array(bytes.prefix(prefaceLeft)) != Self.preface { broken.append("a client begins with another preface") }
            position = prefaceLeft
            prefaceLeft = 0
        }
        while bytes.count - position >= 9 {
            let head = bytes[position..<(position + 9)].map { UInt32($0) }
            let count = Int(head[0] << 16 | head[1] << 8 | head[2])
            guard count <= 16_384 else { return broken.append("a frame of \(count) bytes was sent") }
            guard bytes.count - position >= 9 + count else { break }
            let stream = head[5] << 24 | head[6] << 16 | head[7] << 8 | head[8]
            frame(UInt8(head[3]), UInt8(head[4]), stream, bytes[(position + 9)..<(position + 9 + count)])
            position += 9 + count
        }
        bytes.removeFirst(position)
        position = 0
    }

    /// To be asked when nothing more comes.
    mutating func finish(wasCut: Bool) {
        if !wasCut, !bytes.isEmpty { broken.append("the output ends inside a frame") }
        if !wasCut, block != nil { broken.append("the output ends inside a header block") }
    }

    private mutating func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: ArraySlice<UInt8>) {
        frames += 1
        if frames == 1, type != 4 { broken.append("the first frame is of type \(type)") }
        if stream > 0x7fff_ffff { broken.append("the reserved bit of a stream is set") }
        if block != nil, type != 9 || stream != block?.stream { broken.append("a frame of type \(type) stands inside a header block") }
        switch type {
        case 0, 1, 9: if stream % 2 == 0 { broken.append("stream \(stream) was sent on") }
        case 3, 8: break
        case 4, 6, 7: if stream != 0 { broken.append("a frame of type \(type) was sent on stream \(stream)") }
        default: broken.append("a frame of type \(type) was sent")
        }
        switch (type, payload.count) {
        case (0, _): data(flags, stream, payload)
        case (1, _): block = (stream, flags, Array(payload))
        case (9, _): if block == nil { broken.append("a header block goes on that did not begin") } else { block?.bytes += payload }
        case (3, 4), (6, 8), (8, 4): break
        case (4, let count): if count % 6 != 0 || (flags & 1 != 0 && count > 0) { broken.append("SETTINGS of \(count) bytes") }
        case (7, 8...): goAway(payload.prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
        default: broken.append("a frame of type \(type) has \(payload.count) bytes")
        }
        if type == 3 { streams[stream]?.phase = .reset }
        if type == 1 || type == 9, flags & 4 != 0, let block {
            self.block = nil
            headers(block.bytes, stream, isEnd: block.flags & 1 != 0)
        }
    }

    private mutating func goAway(_ last: UInt32) {
        if last > lastGoAway { broken.append("GOAWAY \(last) came after \(lastGoAway)") }
        lastGoAway = last
    }

    private mutating func headers(_ bytes: [UInt8], _ id: UInt32, isEnd: Bool) {
        guard let fields = try? inflater?.decode(bytes) else { return broken.append("a header block of stream \(id) cannot be read") }
        for (name, value) in fields {
            if name.isEmpty || name != name.lowercased() { broken.append("a field is named \"\(name)\"") }
            if value.utf8.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7f }) { broken.append("field \(name) holds \(value)") }
        }
        let isFirst = streams[id] == nil
        if isFirst {
            if !isServer, id <= lastOpened { broken.append("stream \(id) was opened after \(lastOpened)") }
            lastOpened = max(lastOpened, id)
            if fields.first?.0 != (isServer ? ":status" : ":method") { broken.append("stream \(id) begins with \(fields)") }
        }
        var stream = streams[id] ?? Stream()
        if stream.phase != .headersSent { broken.append("HEADERS were sent on stream \(id), which was \(stream.phase)") }
        if isFirst { stream.isGRPC = fields.contains { $0.0 == "content-type" && $0.1.hasPrefix("application/grpc") } }
        stream.statuses += fields.count { $0.0 == "grpc-status" }
        if isEnd { end(&stream, id) }
        streams[id] = stream
    }

    private mutating func data(_ flags: UInt8, _ id: UInt32, _ payload: ArraySlice<UInt8>) {
        guard var stream = streams[id] else { return broken.append("DATA was sent on stream \(id), which was not begun") }
        if stream.phase != .headersSent { broken.append("DATA was sent on stream \(id), which was \(stream.phase)") }
        var rest = payload
        while let first = rest.first {
            if stream.missing > 0 {
                let count = min(stream.missing, rest.count)
                stream.missing -= count
                rest = rest.dropFirst(count)
            } else {
                stream.prefix.append(first)
                rest = rest.dropFirst()
                guard stream.prefix.count == 5 else { continue }
                if stream.prefix[0] > 1 { broken.append("a message on stream \(id) has the flag \(stream.prefix[0])") }
                stream.missing = stream.prefix[1...].reduce(0) { $0 << 8 | Int($1) }
                stream.prefix = []
            }
        }
        if flags & 1 != 0 { end(&stream, id) }
        streams[id] = stream
    }

    private mutating func end(_ stream: inout Stream, _ id: UInt32) {
        stream.phase = .ended
        guard stream.isGRPC else { return }
        if isServer, stream.statuses != 1 { broken.append("stream \(id) ended with \(stream.statuses) statuses") }
        if stream.missing > 0 || !stream.prefix.isEmpty { broken.append("stream \(id) ended inside a message") }
    }
}
