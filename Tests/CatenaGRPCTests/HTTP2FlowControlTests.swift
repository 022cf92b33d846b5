// SPDX-License-Identifier: Apache-2.0
// Windows both ways: a writer never sends more than its reader allows, and a reader that stops makes its sender wait, alone.
import CatenaGRPC
import NIOCore
import Synchronization
import Testing

@Suite("Flow control", .timeLimit(.minutes(3)))
struct HTTP2FlowControlTests {
    @Test("a writer sends what the window allows, is told when it may go on, and holds no more than it was asked to")
    func stuckWriter() async throws {
        let probe = StreamProbe()
        try await withServer(probe.methods) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            try await raw.send(.settings(4, 1000))
            try await raw.send(.headers(RawConnection.request("/t/Stream"), stream: 1))
            let call = try #require(await probe.nextCall())
            let fill: @Sendable (ServerCall) -> Int = { call in
                var sent = 0
                while call.isReady, call.send(ByteBuffer(repeating: 7, count: 1019)) { sent += 1 }
                return sent
            }
            // 64 KiB and the message that went beyond.
            #expect(try await call.act(fill) == 65)
            #expect(bodyBytes(try await raw.framesUntilPing()) == 1000)
            try await raw.send(.windowUpdate(1, 40_000))
            #expect(bodyBytes(try await raw.framesUntilPing()) == 40_000)
            #expect(try await !call.act { $0.isReady })
            // Less than 16 KiB is left: go on.
            try await raw.send(.windowUpdate(1, 10_000))
            #expect(await probe.nextEvent() == "ready")
            #expect(bodyBytes(try await raw.framesUntilPing()) == 10_000)
            #expect(try await call.act(fill) > 45)
            try await raw.close()
        }
    }

    @Test("the window of the connection bounds all its streams together")
    func connectionWindow() async throws {
        let probe = StreamProbe()
        try await withServer(probe.methods) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            try await raw.send(.settings(4, 1 << 20))
            for stream in [1, 3] as [UInt32] {
                try await raw.send(.headers(RawConnection.request("/t/Stream"), stream: stream))
                let call = try #require(await probe.nextCall())
                #expect(try await call.act { $0.send(ByteBuffer(repeating: 7, count: 50_000)) })
            }
            #expect(bodyBytes(try await raw.framesUntilPing()) == 65_535)
            try await raw.send(.windowUpdate(0, 100_000))
            #expect(bodyBytes(try await raw.framesUntilPing()) == 2 * 50_005 - 65_535)
            try await raw.close()
        }
    }

    @Test("a writer as fast as its reader sends 8 MiB in order without ever holding much")
    func largeStream() async throws {
        let count = 2048
        let state = Mutex(0)
        var methods = GRPCMethods()
        methods.handleServerStreaming("/t/Flood") { call, _ in
            let push: @Sendable (ServerCall) -> Void = { call in
                state.withLock { next in
                    while next < count, call.isReady {
                        call.send(ByteBuffer(repeating: UInt8(truncatingIfNeeded: next), count: 4096))
                        next += 1
                    }
                    if next == count { call.finish() }
                }
            }
            call.onReady { push(call) }
            push(call)
        }
        try await withServer(methods) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            try await raw.openWindows()
            try await raw.send(.headers(RawConnection.request("/t/Flood"), stream: 1), .message([], stream: 1, end: true))
            var bytes = 0
            while let frame = await raw.next(.data, .headers), !frame.isEnd { if frame.isA(.data) { bytes += frame.payload.count } }
            #expect(bytes == count * 4101)
            try await raw.close()
        }
    }

    @Test("a paused reader refills the connection's window and not the stream's; other calls go on; resuming refills")
    func pausedReader() async throws {
        let probe = StreamProbe()
        try await withServer(probe.methods) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            try await raw.send(.headers(RawConnection.request("/t/Late"), stream: 1))
            let call = try #require(await probe.nextCall())
            let part = Array(repeating: UInt8(0), count: 16_000)
            // Two thirds of the stream's window, in two calls of which one reads.
            for _ in 0..<44 { try await raw.send(RawFrame(.data, stream: 1, part)) }
            #expect(windowUpdates(try await raw.framesUntilPing(), of: 1) == 0)
            #expect(try await raw.exchange(RawConnection.request(), body: [0, 0, 0, 0, 0], stream: 3)["grpc-status"] == "0")
            try await call.act { call in call.onMessage({ _ in }, end: {}) }
            #expect(windowUpdates(try await raw.framesUntilPing(), of: 1) == 44 * 16_000)
            try await raw.close()
        }
    }

    @Test("many paused calls do not use up the connection's window")
    func pausedMany() async throws {
        let probe = StreamProbe()
        try await withServer(probe.methods) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            var credit = 0
            let part = Array(repeating: UInt8(0), count: 16_000)
            for number in 0..<20 as Range<UInt32> {
                try await raw.send(.headers(RawConnection.request("/t/Late"), stream: 2 * number + 1))
                for _ in 0..<64 { try await raw.send(RawFrame(.data, stream: 2 * number + 1, part)) }
                credit += windowUpdates(try await raw.framesUntilPing(), of: 0)
            }
            // 20 MiB came, and the connection's 16 MiB are open again but for less than half.
            #expect(20 * 64 * 16_000 - credit < 8 << 20)
            try await raw.close()
        }
    }

    @Test("a client that sends beyond a paused call's window breaks HTTP/2 and loses that call, or the connection")
    func overrun() async throws {
        let probe = StreamProbe()
        try await withServer(probe.methods) { server, client in
            let raw = try await RawConnection.connect(to: server.address)
            try await raw.send(.headers(RawConnection.request("/t/Late"), stream: 1))
            #expect(await probe.nextCall() != nil)
            let part = Array(repeating: UInt8(0), count: 16_000)
            for _ in 0..<70 { try await raw.send(RawFrame(.data, stream: 1, part)) }
            let refusal = try #require(await raw.next(.reset, .goAway))
            #expect(refusal.code == .flowControlError)
            #expect(await client.reply("/t/Echo").code == .ok)
            try? await raw.close()
        }
    }

    @Test("a message larger than the stream's window goes both ways")
    func largeMessage() async throws {
        try await withServer(.standard()) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            try await raw.openWindows()
            let payload = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 / 7) }
            let body = RawFrame.message(payload, stream: 1).payload
            try await raw.send(.headers(RawConnection.request(), stream: 1))
            var window = 1 << 20
            for start in stride(from: 0, to: body.count, by: 16_384) {
                let part = Array(body[start..<min(start + 16_384, body.count)])
                while window < part.count {
                    let update = await raw.next { $0.isA(.windowUpdate, stream: 1) }
                    window += Int(try #require(update).number)
                }
                window -= part.count
                try await raw.send(RawFrame(.data, flags: start + 16_384 >= body.count ? RawFrame.endStream : 0, stream: 1, part))
            }
            #expect(try await raw.response(stream: 1).payloads == [payload])
            try await raw.close()
        }
    }

    private func bodyBytes(_ frames: [RawFrame]) -> Int { frames.filter { $0.isA(.data) }.reduce(0) { $0 + $1.payload.count } }

    private func windowUpdates(_ frames: [RawFrame], of stream: UInt32) -> Int {
        frames.filter { $0.isA(.windowUpdate, stream: stream) }.reduce(0) { $0 + Int($1.number) }
    }
}
