// SPDX-License-Identifier: Apache-2.0
// The other end of a connection, frame by frame and with every freedom to be wrong. It writes HPACK as plain literals, and reads it
// with nghttp2's own decoder, so that nothing of what is under test helps to test it.
import CatenaGRPC
import NIOCore
import NIOPosix

/// One HTTP/2 frame as bytes.
struct RawFrame: Sendable {
    enum Kind: UInt8 {
        case data = 0, headers = 1, priority = 2, reset = 3, settings = 4, ping = 6, goAway = 7, windowUpdate = 8, continuation = 9
    }

    var type: UInt8
    var flags: UInt8
    var stream: UInt32
    var payload: [UInt8]
    /// Of a received HEADERS frame: what it says.
    var fields: [(String, String)] = []

    init(_ kind: Kind, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) {
        (type, self.flags, self.stream, self.payload) = (kind.rawValue, flags, stream, payload)
    }

    static let endStream: UInt8 = 0x1
    static let ack: UInt8 = 0x1

    static func headers(_ fields: [(String, String)], stream: UInt32, end: Bool = false) -> RawFrame {
        var block: [UInt8] = []
        for (name, value) in fields {
            block += [0x00, UInt8(name.utf8.count)] + name.utf8 + [UInt8(value.utf8.count)] + value.utf8
        }
        return RawFrame(.headers, flags: 0x4 | (end ? endStream : 0), stream: stream, block)
    }

    static func goAway(last: UInt32, code: HTTP2ErrorCode = .noError) -> RawFrame {
        RawFrame(.goAway, bigEndian(last) + bigEndian(code.rawValue))
    }

    static func reset(_ stream: UInt32, _ code: HTTP2ErrorCode) -> RawFrame {
        RawFrame(.reset, stream: stream, bigEndian(code.rawValue))
    }

    static func windowUpdate(_ stream: UInt32, _ increment: UInt32) -> RawFrame {
        RawFrame(.windowUpdate, stream: stream, bigEndian(increment))
    }

    /// SETTINGS with one setting: 3 is MAX_CONCURRENT_STREAMS, 4 INITIAL_WINDOW_SIZE.
    static func settings(_ id: UInt8, _ value: UInt32) -> RawFrame { RawFrame(.settings, [0, id] + bigEndian(value)) }

    /// DATA with one message of a gRPC stream.
    static func message(_ payload: [UInt8], stream: UInt32, flag: UInt8 = 0, end: Bool = false) -> RawFrame {
        RawFrame(.data, flags: end ? endStream : 0, stream: stream, [flag] + bigEndian(UInt32(payload.count)) + payload)
    }

    var bytes: [UInt8] {
        RawFrame.bigEndian(UInt32(payload.count)).dropFirst() + [type, flags] + RawFrame.bigEndian(stream) + payload
    }

    /// Whether it is of this kind, and of this stream if one is named.
    func isA(_ kind: Kind, stream: UInt32? = nil) -> Bool { type == kind.rawValue && (stream == nil || stream == self.stream) }

    /// The error code of RST_STREAM or GOAWAY.
    var code: HTTP2ErrorCode {
        let bytes = isA(.goAway) ? payload[4..<8] : payload[0..<4]
        return HTTP2ErrorCode(rawValue: bytes.reduce(0) { $0 << 8 | UInt32($1) })
    }

    /// What a GOAWAY says beside its code.
    var debugData: String { String(decoding: payload.dropFirst(8), as: UTF8.self) }

    var isEnd: Bool { flags & Self.endStream != 0 }
    var number: UInt32 { payload.suffix(4).reduce(0) { $0 << 8 | UInt32($1) } }

    static func bigEndian(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
}

/// A response as a hand-driven peer sees it.
struct RawResponse {
    var fields: [String: String] = [:]
    var messages: [(flag: UInt8, payload: [UInt8])] = []
    var reset: HTTP2ErrorCode?

    var status: String? { fields["grpc-status"] }
    var payloads: [[UInt8]] { messages.map(\.payload) }
}

/// A hand-driven HTTP/2 peer.
final class RawConnection: Sendable {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    let channel: any Channel
    private let frames: AsyncStream<RawFrame>

    /// - Parameter skipping: Bytes before the first frame.
    init(_ channel: any Channel, skipping: Int) throws {
        self.channel = channel
        let (frames, continuation) = AsyncStream<RawFrame>.makeStream()
        self.frames = frames
        try channel.pipeline.syncOperations.addHandler(Reader(skipping: skipping, continuation, HeaderInflater()))
    }

    static let greeting = preface + RawFrame(.settings).bytes

    /// Connects, and says `first` there and then: a server's patience with a new peer does not wait for the task of a test.
    static func connect(to address: GRPCAddress, first: [UInt8] = greeting) async throws -> RawConnection {
        let bootstrap = ClientBootstrap(group: group)
        let connected: EventLoopFuture<any Channel> =
            switch address {
            case .tcp(let host, let port): bootstrap.connect(host: host, port: port)
            case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
            }
        let raw = try await connected.flatMapThrowing { channel in
            let raw = try RawConnection(channel, skipping: 0)
            raw.push(first)
            return raw
        }.get()
        if first == greeting {
            // The windows of the peer's SETTINGS count from here.
            _ = await raw.next(.settings)
            raw.push(RawFrame(.settings, flags: RawFrame.ack).bytes)
        }
        return raw
    }

    func write(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get() }

    /// Sends without waiting until it is sent, or asking whether.
    func push(_ bytes: [UInt8]) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }

    func send(_ frames: RawFrame...) async throws {
        try await write(frames.flatMap(\.bytes))
    }

    /// The next frame that fits; others are passed over. nil when the peer has closed.
    func next(where fits: @Sendable (RawFrame) -> Bool) async -> RawFrame? { await frames.first(where: fits) }

    /// What the peer had to say about what it was sent so far: all that comes before the answer to a PING. It takes two, as the
    /// answer to a PING goes ahead of all else that was caused by the same read.
    func framesUntilPing() async throws -> [RawFrame] {
        var seen: [RawFrame] = []
        for number in [1, 2] as [UInt8] {
            try await send(RawFrame(.ping, [0, 0, 0, 0, 0, 0, 0, number]))
            while true {
                guard let frame = await next(where: { _ in true }) else { throw ChannelError.eof }
                if frame.isA(.ping), frame.flags == RawFrame.ack, frame.payload.last == number { break }
                seen.append(frame)
            }
        }
        return seen
    }

    /// Lets the peer send without limit, on the streams that follow.
    func openWindows() async throws {
        try await send(.settings(4, 0x7fff_ffff), .windowUpdate(0, 0x7fff_ffff - 65_535))
    }

    /// The response of a stream, to its end: header fields of both blocks, payloads, and how it was reset if it was.
    func response(stream: UInt32) async throws -> RawResponse {
        var response = RawResponse()
        var body: [UInt8] = []
        while let frame = await next(where: { $0.stream == stream && ($0.isA(.headers) || $0.isA(.data) || $0.isA(.reset)) }) {
            if frame.isA(.reset) { response.reset = frame.code }
            if frame.isA(.headers) { for (name, value) in frame.fields { response.fields[name] = value } }
            if frame.isA(.data) { body += frame.payload }
            if frame.isEnd && !frame.isA(.reset) || frame.isA(.reset) { break }
        }
        while body.count >= 5 {
            let length = body[1..<5].reduce(0) { $0 << 8 | Int($1) }
            guard body.count >= 5 + length else { break }
            response.messages.append((body[0], Array(body[5..<(5 + length)])))
            body.removeFirst(5 + length)
        }
        return response
    }

    /// The next frame of a kind; others are passed over. nil when the peer has closed.
    func next(_ kinds: RawFrame.Kind...) async -> RawFrame? {
        await frames.first { frame in kinds.contains { $0.rawValue == frame.type } }
    }

    /// Sends a gRPC request of stream 1 and gives the fields of the response and its trailers, body aside.
    func exchange(_ fields: [(String, String)], body: [UInt8]?, stream: UInt32 = 1) async throws -> [String: String] {
        try await send(.headers(fields, stream: stream, end: body == nil))
        if let body { try await send(RawFrame(.data, flags: RawFrame.endStream, stream: stream, body)) }
        var answer: [String: String] = [:]
        while let frame = await next(.headers, .data, .reset) {
            if frame.type == RawFrame.Kind.headers.rawValue {
                for (name, value) in frame.fields { answer[name] = value }
            }
            if frame.type == RawFrame.Kind.reset.rawValue { answer["reset"] = "\(HTTP2ErrorCode(rawValue: frame.number))" }
            if frame.isEnd || frame.type == RawFrame.Kind.reset.rawValue { break }
        }
        return answer
    }

    func close() async throws { try await channel.close().get() }

    static func request(_ path: String = "/t/Echo", without: String? = nil, with more: [(String, String)] = []) -> [(String, String)] {
        let fields = [
            (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "t"), ("te", "trailers"),
            ("content-type", "application/grpc"),
        ]
        let replaced = Set(more.map(\.0) + [without].compactMap { $0 })
        let all = fields.filter { !replaced.contains($0.0) } + more
        return all.filter { $0.0.hasPrefix(":") } + all.filter { !$0.0.hasPrefix(":") }
    }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private var bytes = ByteBuffer()
        private var skipping: Int
        private let continuation: AsyncStream<RawFrame>.Continuation
        private let inflater: HeaderInflater

        init(skipping: Int, _ continuation: AsyncStream<RawFrame>.Continuation, _ inflater: HeaderInflater) {
            self.inflater = inflater
            self.skipping = skipping
            self.continuation = continuation
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var read = Self.unwrapInboundIn(data)
            bytes.writeBuffer(&read)
            if skipping > 0 {
                guard bytes.readableBytes >= skipping else { return }
                bytes.moveReaderIndex(forwardBy: skipping)
                skipping = 0
            }
            while let head = bytes.getBytes(at: bytes.readerIndex, length: 9) {
                let length = head[0..<3].reduce(0) { $0 << 8 | Int($1) }
                guard bytes.readableBytes >= 9 + length else { return }
                bytes.moveReaderIndex(forwardBy: 9)
                var frame = RawFrame(.data, flags: head[4], stream: head[5..<9].reduce(0) { $0 << 8 | UInt32($1) })
                frame.type = head[3]
                frame.payload = bytes.readBytes(length: length) ?? []
                // Each block, wanted or not: the next one builds upon it.
                if frame.isA(.headers) { frame.fields = (try? inflater.decode(frame.payload)) ?? [] }
                continuation.yield(frame)
            }
        }

        func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

/// A listening socket whose connections are hand-driven.
final class RawServer: Sendable {
    let address: GRPCAddress
    private let listening: any Channel
    private let connections: AsyncStream<RawConnection>

    private init(_ listening: any Channel, _ connections: AsyncStream<RawConnection>) {
        self.listening = listening
        self.connections = connections
        address = .tcp(host: "127.0.0.1", port: listening.localAddress?.port ?? 0)
    }

    static func start() async throws -> RawServer {
        let (connections, continuation) = AsyncStream<RawConnection>.makeStream()
        let listening = try await ServerBootstrap(group: group).childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                continuation.yield(try RawConnection(channel, skipping: RawConnection.preface.count))
            }
        }.bind(host: "127.0.0.1", port: 0).get()
        return RawServer(listening, connections)
    }

    /// The next connection, before anything was sent on it.
    func accept() async -> RawConnection? { await connections.first { _ in true } }

    func stop() async throws { try await listening.close().get() }
}
