// SPDX-License-Identifier: Apache-2.0
// The language in which a fuzzer writes what a peer sends, how it is cut into reads, and what happens on our side meanwhile. Frames
// get their length here and header blocks their HPACK: what is mutated then is the conversation, and not the bytes of which nearly
// every change ends it. Every input is a script; one that ends early reads zeros.

/// One step of a conversation.
enum FrameStep {
    /// Bytes for the next read, as they are.
    case bytes([UInt8])
    /// A frame for the next read.
    case frame(ScriptedFrame)
    /// The last frame again, so many times.
    case again(count: Int)
    /// Hands over what has been gathered: all in one read, or in reads of `piece` bytes.
    case deliver(piece: Int)
    /// Does something to a call of ours, by number.
    case call(action: Int, number: Int)
    /// Does something to the connection.
    case connection(action: Int)
}

/// A frame, or several where one cannot hold its payload.
struct ScriptedFrame {
    var type: UInt8
    var flags: UInt8
    var stream: UInt32
    var payload: [UInt8]

    private static let maxPayload = 16_384
    private static let data: UInt8 = 0
    private static let headers: UInt8 = 1
    private static let continuation: UInt8 = 9
    private static let endStream: UInt8 = 0x1
    private static let endHeaders: UInt8 = 0x4

    /// As on the wire. What is too long for one frame goes on in others of its kind, and its last flag comes with the last of them.
    var encoded: [UInt8] {
        var rest = payload[...]
        var bytes: [UInt8] = []
        var (type, flags) = (type, flags)
        let last: UInt8 = type == Self.headers ? Self.endHeaders : Self.endStream
        while rest.count > Self.maxPayload {
            bytes += Self.header(rest.prefix(Self.maxPayload).count, type, flags & ~last, stream) + rest.prefix(Self.maxPayload)
            rest = rest.dropFirst(Self.maxPayload)
            if type == Self.headers { (type, flags) = (Self.continuation, flags & last) }
        }
        return bytes + Self.header(rest.count, type, flags, stream) + rest
    }

    private static func header(_ count: Int, _ type: UInt8, _ flags: UInt8, _ stream: UInt32) -> [UInt8] {
        [UInt8(count >> 16 & 0xff), UInt8(count >> 8 & 0xff), UInt8(count & 0xff), type, flags]
            + (0..<4).map { UInt8(truncatingIfNeeded: stream >> (24 - 8 * $0)) }
    }

    /// Fields as HPACK literals that leave the table as it is.
    static func headers(_ fields: [(String, String)], stream: UInt32, flags: UInt8) -> ScriptedFrame {
        var block: [UInt8] = []
        for (name, value) in fields { block += [0x00] + literal(name) + literal(value) }
        return ScriptedFrame(type: headers, flags: flags, stream: stream, payload: block)
    }

    private static func literal(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.count >= 0x7f else { return [UInt8(bytes.count)] + bytes }
        var (prefix, rest) = ([0x7f] as [UInt8], bytes.count - 0x7f)
        while rest >= 0x80 {
            prefix.append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        return prefix + [UInt8(rest)] + bytes
    }

    /// A length-prefixed message; `shape` says how long it is, and what is wrong with it.
    static func message(shape: UInt8, stream: UInt32, flags: UInt8) -> ScriptedFrame {
        let count = [0, 1, 5, 17, 100, 1_000, 1_025, 16_379, 16_380, 70_000][Int(shape & 0x0f) % 10]
        let said = shape & 0x20 != 0 ? count + 3 : count
        let prefix = [shape >> 6 & 0x3] + (0..<4).map { UInt8(truncatingIfNeeded: said >> (24 - 8 * $0)) }
        let kept = shape & 0x10 != 0 ? prefix.prefix(3) : prefix[...]
        return ScriptedFrame(type: data, flags: flags, stream: stream, payload: kept + [UInt8](repeating: shape, count: count))
    }
}

/// Reads the steps of an input.
struct FrameScript {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func byte() -> UInt8 {
        guard position < bytes.count else { return 0 }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func take(_ count: Int) -> [UInt8] {
        let end = min(position + count, bytes.count)
        defer { position = end }
        return Array(bytes[position..<end])
    }

    /// nil at the end. The low three bits of a step say what it is, the others are its number: a stream, a size or an action.
    mutating func next() -> FrameStep? {
        guard position < bytes.count else { return nil }
        let head = byte()
        let number = Int(head >> 3)
        let stream: UInt32 = number == 31 ? 0x7fff_ffff : UInt32(number)
        switch head & 0x7 {
        case 0:
            let (type, flags, short) = (byte(), byte(), byte())
            let count = short == 255 ? Int(byte()) << 8 | Int(byte()) : Int(short)
            return .frame(ScriptedFrame(type: type, flags: flags, stream: stream, payload: take(count)))
        case 1:
            let (flags, count) = (byte(), byte())
            let fields = take(Int(count & 0x0f)).flatMap { Self.fields[Int($0) % Self.fields.count] }
            return .frame(.headers(fields, stream: stream, flags: flags))
        case 2: return .frame(.message(shape: byte(), stream: stream, flags: byte()))
        case 3: return .bytes(take(number + 1))
        case 4: return .deliver(piece: number)
        case 5: return .call(action: number, number: Int(byte()))
        case 6: return .connection(action: number)
        default: return .again(count: number * 64 + 1)
        }
    }

    /// The whole head of a request.
    static func request(_ path: String) -> [(String, String)] {
        [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "t"), ("te", "trailers"), ("content-type", "application/grpc")]
    }

    /// What a header block is made of, by number.
    static let fields: [[(String, String)]] = [
        request("/t/Echo"), request("/t/Fail"), request("/t/Hang"), request("/t/Big"), request("/t/None"), request("/t/Collect"),
        request("/t/Chat"), request("/t/List"), request("/t/Late"),
        [(":status", "200"), ("content-type", "application/grpc")], [(":status", "100")], [(":status", "503")], [(":status", "204")],
        [("grpc-status", "0")], [("grpc-status", "5"), ("grpc-message", "not%20here%C3%B6%")], [("grpc-status", "99")], [("grpc-status", "x")],
        [("grpc-timeout", "1n")], [("grpc-timeout", "1H")], [("grpc-timeout", "99999999H")], [("grpc-timeout", "1s")],
        [("grpc-encoding", "gzip")], [("grpc-encoding", "identity")], [("grpc-encoding", "br")], [("grpc-accept-encoding", "gzip,identity")],
        [("content-type", "text/html")], [("content-type", "application/grpc+proto")], [("content-length", "5")], [("content-length", "x")],
        [("a-bin", "Zg==,Zm8")], [("a-bin", "?")], [("x-text", "some value")], [("x-text", String(repeating: "long ", count: 400))],
        [("x-huge", String(repeating: "0123456789", count: 2_000))], [("grpc-tags-bin", "AA")], [("user-agent", "fuzz")],
        [(":method", "GET"), (":scheme", "http"), (":path", "/")], [(":method", "POST")], [(":path", "/t/Echo")], [(":path", "")],
        [("connection", "close")], [("te", "gzip")], [("X-Upper", "a")], [("", "nameless")], [("x-bytes", "\u{1}\u{80}")], [("cookie", "a=b")],
        [(":protocol", "websocket")], [("host", "h")], [("expect", "100-continue")],
    ]
}
