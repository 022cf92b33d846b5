// SPDX-License-Identifier: Apache-2.0
// Calls of more than one message, from the side of a handler: order, the end, what fails late, and what still answers when it is over.
import CatenaGRPC
import NIOCore
import Synchronization
import Testing

@Suite("Streaming on a server", .timeLimit(.minutes(3)))
struct ServerStreamingTests {
    /// A server with a probe, a hand-driven client of it, and one call of `path` begun on stream 1.
    private func withCall(
        _ path: String, fields: [(String, String)] = [], configuration: GRPCServerConfiguration = GRPCServerConfiguration(),
        _ body: (StreamProbe, RawConnection, ServerCall) async throws -> Void
    ) async throws {
        let probe = StreamProbe()
        try await withServer(probe.methods, configuration: configuration) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            try await raw.send(.headers(RawConnection.request(path, with: fields), stream: 1))
            if path == "/t/Many" {
                try await raw.send(.message(Array("go".utf8), stream: 1, end: true))
                #expect(await probe.nextEvent() == "message go")
            }
            let call = try #require(await probe.nextCall())
            try await body(probe, raw, call)
            try await raw.close()
        }
    }

    @Test("server streaming: head, messages in order, trailers")
    func serverStreaming() async throws {
        try await withCall("/t/Many") { _, raw, call async throws in
            let answers = try await call.act { call in
                var head = GRPCMetadata(), tail = GRPCMetadata()
                try? head.add("head", "1")
                try? tail.add("tail", "2")
                var answers = [call.sendMetadata(head), call.sendMetadata(head)]
                for number in 0..<100 { answers.append(call.send(ByteBuffer(string: "\(number)"))) }
                return answers + [call.finish(trailers: tail), call.finish(), call.send(ByteBuffer()), call.fail(GRPCStatus(.aborted))]
            }
            #expect(answers == [true, false] + Array(repeating: true, count: 101) + [false, false, false])
            let response = try await raw.response(stream: 1)
            #expect(response.fields["head"] == "1" && response.fields["tail"] == "2" && response.status == "0")
            #expect(response.payloads == (0..<100).map { Array("\($0)".utf8) })
        }
    }

    @Test("metadata leaves before there is a message")
    func metadataFirst() async throws {
        try await withCall("/t/Many") { _, raw, call async throws in
            #expect(try await call.act { $0.sendMetadata(GRPCMetadata()) })
            #expect(await raw.next(.headers)?.isEnd == false)
            #expect(try await call.act { $0.finish() })
            let last = try #require(await raw.next(.headers, .data))
            #expect(last.isA(.headers) && last.isEnd)
        }
    }

    @Test("client streaming: messages in order however DATA is cut, the end once, one answer")
    func clientStreaming() async throws {
        try await withCall("/t/Stream") { probe, raw, call async throws in
            let body = (0..<20).flatMap { RawFrame.message(Array("\($0)".utf8), stream: 1).payload }
            for start in stride(from: 0, to: body.count, by: 3) {
                try await raw.send(RawFrame(.data, stream: 1, Array(body[start..<min(start + 3, body.count)])))
            }
            try await raw.send(RawFrame(.data, flags: RawFrame.endStream, stream: 1))
            for number in 0..<20 { #expect(await probe.nextEvent() == "message \(number)") }
            #expect(await probe.nextEvent() == "end")
            #expect(try await call.act { $0.respond(ByteBuffer(string: "sum")) })
            let response = try await raw.response(stream: 1)
            #expect(response.payloads == [Array("sum".utf8)] && response.status == "0")
        }
    }

    @Test("bidirectional: each message is answered before the next is sent")
    func bidirectional() async throws {
        try await withCall("/t/Stream") { probe, raw, call async throws in
            for number in 0..<10 {
                try await raw.send(.message(Array("\(number)".utf8), stream: 1))
                #expect(await probe.nextEvent() == "message \(number)")
                #expect(try await call.act { $0.send(ByteBuffer(string: "\(number)")) })
                #expect(await raw.next(.data)?.payload.last == UInt8(ascii: "0") + UInt8(number))
            }
            try await raw.send(RawFrame(.data, flags: RawFrame.endStream, stream: 1))
            #expect(await probe.nextEvent() == "end")
            #expect(try await call.act { $0.finish() })
            #expect(try await raw.response(stream: 1).status == "0")
        }
    }

    @Test("a call that fails after messages sends them all, and its status in the trailers")
    func failLate() async throws {
        try await withCall("/t/Many") { _, raw, call async throws in
            let failed = try await call.act { call in
                for _ in 0..<3 { call.send(ByteBuffer(string: "x")) }
                return call.fail(GRPCStatus(.dataLoss, "gone"))
            }
            #expect(failed)
            let response = try await raw.response(stream: 1)
            #expect(response.payloads.count == 3 && response.status == "15" && response.fields["grpc-message"] == "gone")
        }
    }

    @Test("an answer before the client's end is followed by RST_STREAM with NO_ERROR, and frees the stream")
    func finishEarly() async throws {
        var configuration = GRPCServerConfiguration()
        configuration.maxConcurrentStreams = 1
        try await withCall("/t/Stream", configuration: configuration) { _, raw, call async throws in
            #expect(try await call.act { $0.respond(ByteBuffer(string: "enough")) })
            #expect(try await raw.response(stream: 1).status == "0")
            #expect(await raw.next(.reset).map { HTTP2ErrorCode(rawValue: $0.number) } == .noError)
            #expect(try await raw.exchange(RawConnection.request(), body: [0, 0, 0, 0, 0], stream: 3)["grpc-status"] == "0")
        }
    }

    @Test("who reads may be named later: what came waits, the end as well")
    func lateReader() async throws {
        try await withCall("/t/Late") { probe, raw, call async throws in
            try await raw.send(.message([0x61], stream: 1), .message([0x62], stream: 1, end: true))
            _ = try await raw.framesUntilPing()
            try await call.act { probe.read($0) }
            for event in ["message a", "message b", "end"] { #expect(await probe.nextEvent() == event) }
            #expect(try await call.act { $0.finish() })
            #expect(try await raw.response(stream: 1).status == "0")
        }
    }

    @Test("a request that ends inside a message, or has none, is known to a streaming method")
    func ends() async throws {
        try await withCall("/t/Stream") { probe, raw, _ async throws in
            try await raw.send(RawFrame(.data, flags: RawFrame.endStream, stream: 1, [0, 0, 0, 0, 9, 1]))
            #expect(try await raw.response(stream: 1).status == "13")
            #expect(await probe.nextEvent() == "cancelled: malformed(INTERNAL: the request ended inside a message)")
            try await raw.send(.headers(RawConnection.request("/t/Stream"), stream: 3, end: true))
            #expect(await probe.nextEvent() == "end")
            let second = try #require(await probe.nextCall())
            #expect(try await second.act { $0.finish() })
            #expect(try await raw.response(stream: 3).status == "0")
        }
    }

    @Test("pausing within a message holds back the next; a burst of 100,000 is read with a pause in each")
    func pauseWithin() async throws {
        let seen = Mutex(0)
        let (done, report) = AsyncStream<Int>.makeStream()
        var methods = GRPCMethods()
        methods.handleStreaming("/t/Count") { call in
            call.onMessage({ _ in
                call.pauseReading()
                seen.withLock { $0 += 1 }
                call.resumeReading()
            }, end: {
                call.finish()
                report.yield(seen.withLock { $0 })
            })
            // What comes meanwhile waits, and then comes at once.
            call.pauseReading()
            call.eventLoop.scheduleTask(in: .milliseconds(100)) { call.resumeReading() }
        }
        try await withServer(methods) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            try await raw.send(.headers(RawConnection.request("/t/Count"), stream: 1))
            for _ in 0..<50 { try await raw.send(RawFrame(.data, stream: 1, Array(repeating: 0, count: 10_000))) }
            try await raw.send(RawFrame(.data, flags: RawFrame.endStream, stream: 1))
            #expect(await done.first { _ in true } == 100_000)
            #expect(try await raw.response(stream: 1).status == "0")
            try await raw.close()
        }
    }

    @Test("a paused call gets nothing until it goes on, and keeps the order")
    func pause() async throws {
        try await withCall("/t/Stream") { probe, raw, call async throws in
            try await raw.send(.message([0x61], stream: 1))
            #expect(await probe.nextEvent() == "message a")
            try await call.act { $0.pauseReading() }
            try await raw.send(.message([0x62], stream: 1), .message([0x63], stream: 1, end: true))
            _ = try await raw.framesUntilPing()
            try await call.act { call in
                probe.note("goes on")
                call.resumeReading()
            }
            for event in ["goes on", "message b", "message c", "end"] { #expect(await probe.nextEvent() == event) }
        }
    }

    @Test("RST_STREAM cancels a streaming call at once and once; afterwards every method says that it is over")
    func reset() async throws {
        try await withCall("/t/Stream") { probe, raw, call async throws in
            #expect(try await call.act { $0.sendMetadata(GRPCMetadata()) })
            try await raw.send(.reset(1, .cancel))
            #expect(await probe.nextEvent() == "cancelled: reset(CANCEL)")
            let answers = try await call.act { call in
                call.pauseReading()
                call.resumeReading()
                call.onReady { probe.note("no") }
                call.onCancel { _ in probe.note("no") }
                call.onMessage({ _ in probe.note("no") }, end: { probe.note("no") })
                return [
                    call.send(ByteBuffer()), call.sendMetadata(GRPCMetadata()), call.finish(), call.respond(ByteBuffer()),
                    call.fail(GRPCStatus(.aborted)), call.isReady,
                ]
            }
            #expect(answers == Array(repeating: false, count: 6))
            probe.note("last")
            #expect(await probe.nextEvent() == "last")
        }
    }

    @Test("a lost connection cancels each of its calls once")
    func lost() async throws {
        let probe = StreamProbe()
        try await withServer(probe.methods) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            for stream in [1, 3, 5] as [UInt32] { try await raw.send(.headers(RawConnection.request("/t/Stream"), stream: stream)) }
            var calls: [ServerCall] = []
            for _ in 0..<3 { calls.append(try #require(await probe.nextCall())) }
            try await raw.close()
            for _ in 0..<3 { #expect(await probe.nextEvent() == "cancelled: connectionLost") }
            for call in calls { #expect(try await !call.act { $0.send(ByteBuffer()) }) }
            probe.note("last")
            #expect(await probe.nextEvent() == "last")
        }
    }
}
