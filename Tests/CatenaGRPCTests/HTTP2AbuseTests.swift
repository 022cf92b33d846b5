// SPDX-License-Identifier: Apache-2.0
// Peers that cost more than they pay. Each is sent GOAWAY and closed within moments, whoever else is there notices nothing, and a peer
// that only works hard is never taken for one of them.
import CatenaGRPC
import NIOCore
import Synchronization
import Testing

@Suite("Abuse", .serialized, .timeLimit(.minutes(3)))
struct HTTP2AbuseTests {
    private static let ping = RawFrame(.ping, [0, 1, 2, 3, 4, 5, 6, 7]).bytes
    private static let headers = RawFrame.headers(RawConnection.request("/t/Hang"), stream: 1)

    struct Flood: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code = HTTP2ErrorCode.enhanceYourCalm
        var text = ""
        /// Sent once.
        var first: [UInt8] = []
        /// Sent again and again, with its number.
        var frame: @Sendable (UInt32) -> [UInt8]
        var count: UInt32 = 25_000
        /// The server is given time to send its resets, or its limit of streams would end the connection first. As time also earns units
        /// back, such a flood goes on until it is ended, at whatever pace.
        var isPaced = false
        /// The peer has not acknowledged the server's SETTINGS, so a stream too many is refused, and no reason to end the connection.
        var isHeedless = false
    }

    private static func head(_ number: UInt32, of block: RawFrame = headers) -> [UInt8] {
        RawFrame(.headers, flags: block.flags, stream: 2 * number + 1, block.payload).bytes
    }

    private static let answered = RawFrame.headers(RawConnection.request("/t/Head"), stream: 1)
    private static let malformed = RawFrame.headers([("UPPER", "x")], stream: 1, end: true)

    /// A head whose fields are one byte each: an entry of 4,000 bytes is put into the table, and then named again and again.
    private static let bomb: [UInt8] = {
        let start = RawFrame.headers(RawConnection.request(), stream: 1).payload
        let entry: [UInt8] = [0x40, 1, 0x78, 0x7f, 0xa1, 0x1e] + Array(repeating: UInt8(ascii: "v"), count: 4000)
        return RawFrame(.headers, flags: 0x4, stream: 1, start + entry + Array(repeating: 0xbe, count: 12_000)).bytes
    }()

    static let floods: [Flood] = [
        Flood(testDescription: "PING", text: "too_many_control_frames") { _ in ping },
        Flood(testDescription: "SETTINGS", text: "too_many_control_frames") { _ in RawFrame.settings(4, 100).bytes },
        Flood(testDescription: "PRIORITY", text: "too_many_control_frames") { number in
            RawFrame(.priority, stream: 2 * number + 1, [0, 0, 0, 0, 16]).bytes
        },
        Flood(testDescription: "empty DATA", text: "too_many_control_frames", first: headers.bytes) { _ in RawFrame(.data, stream: 1).bytes },
        Flood(testDescription: "rapid reset", text: "too_many_resets") { number in
            head(number) + RawFrame.reset(2 * number + 1, .cancel).bytes
        },
        Flood(testDescription: "reset of calls that answered their head", text: "too_many_resets") { number in
            head(number, of: answered) + RawFrame.reset(2 * number + 1, .cancel).bytes
        },
        // The server is made to reset (CVE-2025-8671): a window beyond 2^31-1.
        Flood(testDescription: "window overflow", text: "too_many_resets", frame: { number in
            head(number) + RawFrame.windowUpdate(2 * number + 1, 0x7fff_ffff).bytes
        }, isPaced: true),
        Flood(testDescription: "requests that HTTP/2 refuses", text: "too_many_resets", frame: { head($0, of: malformed) }, isPaced: true),
        Flood(testDescription: "streams that are refused", text: "too_many_resets", frame: { head($0) }, isHeedless: true),
        Flood(testDescription: "streams above the limit", code: .protocolError, frame: { head($0) }, count: 1100),
        Flood(testDescription: "HPACK bomb", text: "header_list_too_large", frame: { _ in bomb }, count: 1),
        Flood(
            testDescription: "CONTINUATION", first: RawFrame(.headers, stream: 1, Self.headers.payload).bytes,
            frame: { _ in RawFrame(.continuation, stream: 1, [0, 1, 0x61, 1, 0x61]).bytes }, count: 1000),
    ]

    private var methods: GRPCMethods {
        var methods = GRPCMethods.standard()
        methods.handleStreaming("/t/Head") { call in call.sendMetadata(GRPCMetadata()) }
        return methods
    }

    @Test("a flood ends with GOAWAY and the connection, and others go on", arguments: floods)
    func flood(_ flood: Flood) async throws {
        try await withServer(methods) { server, client in
            try await client.connect().get()
            let raw = try await RawConnection.connect(to: server.address, first: flood.isHeedless ? [] : RawConnection.greeting)
            raw.push(flood.isHeedless ? RawConnection.greeting : [])
            raw.push(flood.first)
            var farewell: RawFrame?
            let count = flood.isPaced ? 1 << 30 : flood.count
            for batch in stride(from: 0, to: count, by: 500) {
                raw.push((batch..<min(batch + 500, count)).flatMap(flood.frame))
                guard flood.isPaced else { continue }
                raw.push(Self.ping)
                farewell = await raw.next(.ping, .goAway)
                if farewell?.isA(.ping) != true { break }
            }
            if farewell?.isA(.goAway) != true { farewell = await raw.next(.goAway) }
            let goodbye = try #require(farewell)
            #expect(goodbye.code == flood.code)
            if !flood.text.isEmpty { #expect(goodbye.debugData == flood.text) }
            // Nothing follows.
            #expect(await raw.next(.goAway, .headers) == nil)
            #expect(await client.reply("/t/Echo", ByteBuffer(string: "others")).payload == ByteBuffer(string: "others"))
        }
    }

    @Test("a peer that floods and does not read is cut", arguments: ["PING", "reset"])
    func unread(kind: String) async throws {
        try await withServer(methods) { server, client in
            let raw = try await RawConnection.connect(to: server.address)
            try await raw.channel.setOption(.autoRead, value: false).get()
            let bytes = kind == "PING" ? Array(repeating: Self.ping, count: 1000).flatMap { $0 }
                : (0..<500).flatMap { _ in Self.headers.bytes + RawFrame.reset(1, .cancel).bytes }
            // Without a reader our end only learns of the cut by writing.
            while !Task.isCancelled, (try? await raw.write(bytes)) != nil {}
            #expect(!Task.isCancelled)
            raw.channel.close(promise: nil)
            try await raw.channel.closeFuture.get()
            #expect(await client.reply("/t/Echo").code == .ok)
        }
    }

    @Test("a peer like grpc-go, with PINGs and every second call cancelled, is not hit in 20,000 calls")
    func busy() async throws {
        try await withServer(methods) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            try await raw.openWindows()
            for batch in 0..<200 as Range<UInt32> {
                var bytes: [UInt8] = []
                for call in 0..<100 as Range<UInt32> {
                    let stream = 2 * (100 * batch + call) + 1
                    let isReset = call % 2 == 0
                    bytes += RawFrame.headers(RawConnection.request(isReset ? "/t/Hang" : "/t/Echo"), stream: stream).bytes
                    bytes += RawFrame.message([1], stream: stream, end: true).bytes + Self.ping
                    if isReset { bytes += RawFrame.reset(stream, .cancel).bytes }
                }
                try await raw.write(bytes)
                let last = 2 * (100 * batch + 99) + 1
                let frame = await raw.next { $0.isA(.goAway) || $0.isA(.headers, stream: last) && $0.isEnd }
                try #require(frame?.isA(.headers) == true)
            }
            try await raw.close()
        }
    }

    @Test("a header block that does not end is GOAWAY, no preface is a cut, and a quiet connection is neither")
    func slow() async throws {
        var configuration = GRPCServerConfiguration()
        configuration.slowBeginTimeout = .seconds(2)
        try await withServer(methods, configuration: configuration) { server, _ in
            let quiet = try await RawConnection.connect(to: server.address)
            let silent = try await RawConnection.connect(to: server.address, first: [])
            try await silent.channel.closeFuture.get()
            let half = try await RawConnection.connect(to: server.address, first: RawConnection.preface)
            try await half.channel.closeFuture.get()
            let slow = try await RawConnection.connect(to: server.address)
            try await slow.send(RawFrame(.headers, stream: 1, Self.headers.payload))
            let goodbye = try #require(await slow.next(.goAway))
            #expect(goodbye.code == .enhanceYourCalm && goodbye.debugData == "header_block_too_slow")
            #expect(await slow.next(.goAway) == nil)
            #expect(try await quiet.exchange(RawConnection.request(), body: [0, 0, 0, 0, 0])["grpc-status"] == "0")
            try await quiet.close()
        }
    }

    @Test("each block that ends in time has its own time")
    func steady() async throws {
        var configuration = GRPCServerConfiguration()
        configuration.slowBeginTimeout = .seconds(2)
        try await withServer(methods, configuration: configuration) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            for stream in stride(from: 1, through: 7, by: 2) as StrideThrough<UInt32> {
                let block = RawFrame.headers(RawConnection.request(), stream: stream).payload
                let begin = RawFrame(.headers, stream: stream, Array(block.prefix(20))).bytes
                let rest = RawFrame(.continuation, flags: 0x4, stream: stream, Array(block.dropFirst(20))).bytes
                raw.channel.eventLoop.execute {
                    raw.push(begin)
                    raw.channel.eventLoop.scheduleTask(in: .milliseconds(700)) {
                        raw.push(rest + RawFrame.message([], stream: stream, end: true).bytes)
                    }
                }
                #expect(try await raw.response(stream: stream).status == "0")
            }
            try await raw.close()
        }
    }
}
