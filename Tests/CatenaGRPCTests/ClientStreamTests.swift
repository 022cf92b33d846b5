// SPDX-License-Identifier: Apache-2.0
// Calls of many messages from the client's side: all kinds, in their order, one end, and from any thread.
import CatenaGRPC
import NIOCore
import NIOPosix
import Synchronization
import Testing

@Suite("A client's streaming calls", .timeLimit(.minutes(3)))
struct ClientStreamTests {
    @Test("messages go both ways in turn, with metadata before and trailers after")
    func bidirectional() async throws {
        try await withServer(.streaming()) { _, client in
            var metadata = GRPCMetadata()
            try metadata.add("key", "value")
            let log = StreamLog()
            let call = client.stream("/t/Chat", metadata: metadata, events: log.handlers)
            for number in 0..<10 {
                #expect(call.send(ByteBuffer(integer: number)))
                if number == 0 { #expect(await log.next() == .metadata(metadata)) }
                #expect(await log.next() == .message(ByteBuffer(integer: number)))
            }
            call.finishSending()
            #expect(!call.send(ByteBuffer()))
            #expect(await log.next() == .end(.ok))
            #expect(log.trailers == metadata)
        }
    }

    @Test("a server's stream arrives whole, in order, and with one end", arguments: [(0, 0), (1, 0), (1000, 16), (40, 100_000)])
    func serverStreaming(messages: Int, size: Int) async throws {
        try await withServer(.streaming()) { _, client in
            let log = StreamLog()
            let call = client.stream("/t/Count", events: log.handlers)
            call.send(GRPCMethods.count(messages, of: size))
            call.finishSending()
            let events = await log.rest()
            #expect(events.count == messages + 2)
            for number in 0..<messages {
                guard case .message(let message) = events[number + 1] else { return _ = Issue.record("\(events[number + 1])") }
                #expect(message.getInteger(at: 0, as: UInt32.self) == UInt32(number))
            }
            #expect(events.last == .end(.ok))
        }
    }

    @Test("a client's stream is answered with one message")
    func clientStreaming() async throws {
        try await withServer(.streaming()) { _, client in
            let log = StreamLog()
            let call = client.stream("/t/Sum", events: log.handlers)
            for _ in 0..<1000 { call.send(ByteBuffer(repeating: 1, count: 10)) }
            call.finishSending()
            #expect(await log.message() == GRPCMethods.count(1000, of: 10_000))
            #expect(await log.next() == .end(.ok))
        }
    }

    @Test("the unary methods of a server can be called as streams")
    func unaryAsStream() async throws {
        try await withServer(.streaming()) { _, client in
            let log = StreamLog()
            let call = client.stream("/t/Echo", events: log.handlers)
            call.send(ByteBuffer(string: "once"))
            call.finishSending()
            #expect(await log.rest() == [.metadata(GRPCMetadata()), .message(ByteBuffer(string: "once")), .end(.ok)])
        }
    }

    @Test("a status ends a stream; a status alone comes without metadata")
    func failure() async throws {
        try await withServer(.streaming()) { _, client in
            let log = StreamLog()
            let call = client.stream("/t/Fail", events: log.handlers)
            call.send(ByteBuffer(integer: UInt8(9)))
            call.finishSending()
            #expect(await log.rest() == [.end(.failedPrecondition)])
            let error = try #require(log.error)
            #expect(error.answeredByServer && error.mayHaveBeenProcessed)
            #expect(!call.send(ByteBuffer()) && !call.isReady)
        }
    }

    @Test("nothing is told before the call has been given to its caller", arguments: [true, false])
    func notBeforeReturn(onLoop: Bool) async throws {
        // Fails as fast as anything can.
        let client = GRPCClient(target: .unix(path: "/nonexistent/s"), on: group.next())
        for _ in 0..<20 {
            let log = StreamLog()
            let returned = Mutex(false)
            let wasReturned = Mutex(false)
            var handlers = log.handlers
            let end = handlers.onEnd
            handlers.onEnd = { result in
                wasReturned.withLock { $0 = returned.withLock { $0 } }
                end(result)
            }
            let events = handlers
            try await client.eventLoop.submit {
                _ = client.stream("/t/Chat", events: events)
                returned.withLock { $0 = true }
            }.get()
            #expect(await log.rest() == [.end(.unavailable)])
            #expect(wasReturned.withLock { $0 })
        }
        try await client.shutdown().get()
    }

    @Test("messages of several MiB go both ways")
    func large() async throws {
        try await withServer(.streaming()) { _, client in
            let log = StreamLog()
            let call = client.stream("/t/Chat", events: log.handlers)
            let payload = ByteBuffer(repeating: 7, count: 3 << 20)
            for _ in 0..<3 { call.send(payload) }
            call.finishSending()
            for _ in 0..<3 { #expect(await log.message() == payload) }
            #expect(await log.next() == .end(.ok))
        }
    }

    @Test("messages sent from another thread keep their order")
    func fromOtherThreads() async throws {
        try await withServer(.streaming()) { _, client in
            let log = StreamLog()
            let call = client.stream("/t/Chat", events: log.handlers)
            let threads = NIOThreadPool(numberOfThreads: 1)
            threads.start()
            try await threads.runIfActive {
                for number in 0..<2000 { call.send(ByteBuffer(integer: number)) }
                call.finishSending()
            }
            for number in 0..<2000 { #expect(await log.message() == ByteBuffer(integer: number)) }
            #expect(await log.rest() == [.end(.ok)])
            try await threads.shutdownGracefully()
        }
    }

    @Test("a cancelled stream ends at once, and the server sees it")
    func cancel() async throws {
        let (cancellations, report) = AsyncStream<ServerCancellation>.makeStream()
        var methods = GRPCMethods()
        methods.handleStreaming("/t/Open") { call in
            call.onCancel { report.yield($0) }
            call.onMessage({ call.send($0) }, end: {})
        }
        try await withServer(methods) { _, client in
            let log = StreamLog()
            let call = client.stream("/t/Open", events: log.handlers)
            call.send(ByteBuffer(string: "x"))
            #expect(await log.message() != nil)
            call.cancel()
            call.cancel()
            #expect(await log.rest() == [.end(.cancelled)])
            #expect(log.error?.mayHaveBeenProcessed == true)
            #expect(await cancellations.first { _ in true } == .reset(.cancel))
        }
    }

    @Test("a server that ends early ends the stream, with what it had sent")
    func serverEndsEarly() async throws {
        var methods = GRPCMethods()
        methods.handleStreaming("/t/Two") { call in
            var left = 2
            call.onMessage(
                {
                    call.send($0)
                    left -= 1
                    if left == 0 { call.fail(GRPCStatus(.outOfRange, "enough")) }
                }, end: {})
        }
        try await withServer(methods) { _, client in
            let log = StreamLog()
            let call = client.stream("/t/Two", events: log.handlers)
            for number in 0..<3 { call.send(ByteBuffer(integer: number)) }
            let events = await log.rest()
            #expect(events.dropFirst() == [.message(ByteBuffer(integer: 0)), .message(ByteBuffer(integer: 1)), .end(.outOfRange)])
        }
    }

    @Test("a deadline ends a stream on both sides")
    func deadline() async throws {
        let (cancellations, report) = AsyncStream<ServerCancellation>.makeStream()
        var methods = GRPCMethods()
        methods.handleStreaming("/t/Open") { call in
            call.onCancel { report.yield($0) }
            call.onMessage({ call.send($0) }, end: {})
        }
        try await withServer(methods) { _, client in
            try await client.connect().get()
            let log = StreamLog()
            let call = client.stream("/t/Open", deadline: .now() + .seconds(2), events: log.handlers)
            call.send(ByteBuffer(string: "x"))
            #expect(await log.rest().last == .end(.deadlineExceeded))
            let reason = await cancellations.first { _ in true }
            #expect(reason == .deadlineExceeded || reason == .reset(.cancel))
        }
    }
}
