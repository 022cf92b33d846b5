// SPDX-License-Identifier: Apache-2.0
// Back-pressure seen from the client: who reads slowly makes the server wait, and who writes much is made to wait by it. The bytes
// that are under way stay bounded, and none is lost.
import CatenaGRPC
import Dispatch
import NIOCore
import NIOPosix
import Synchronization
import Testing

@Suite("A client's flow control", .timeLimit(.minutes(3)))
struct ClientFlowTests {
    private static let windowAndMarks = (1 << 20) + (64 << 10) + (64 << 10)

    @Test("a reader that pauses makes the server wait, and gets everything when it resumes")
    func pausedReader() async throws {
        let written = Atomic64()
        try await withServer(.streaming(written: written)) { _, client in
            let log = StreamLog()
            let call = client.stream("/t/Count", events: log.handlers)
            call.pauseReading()
            call.send(GRPCMethods.count(400, of: 10_000))
            call.finishSending()
            // Others go on meanwhile, and their answers come after all that the server could write.
            for _ in 0..<50 { #expect(await client.reply("/t/Echo").code == .ok) }
            try await steady { written.value }
            #expect(written.value > 500_000)
            #expect(written.value < Self.windowAndMarks + 20_000)
            call.resumeReading()
            for number in 0..<400 { #expect(await log.message()?.getInteger(at: 0, as: UInt32.self) == UInt32(number)) }
            #expect(await log.next() == .end(.ok))
            #expect(written.value == 4_000_000)
        }
    }

    @Test("pausing within a message stops the next one; the end waits too")
    func pauseInside() async throws {
        try await withServer(.streaming()) { _, client in
            let log = StreamLog()
            let holder = Mutex<ClientStreamCall?>(nil)
            var handlers = log.handlers
            let tell = handlers.onMessage
            handlers.onMessage = { message in
                holder.withLock { $0 }?.pauseReading()
                tell(message)
            }
            let events = handlers
            let call = try await client.eventLoop.submit {
                let call = client.stream("/t/Count", events: events)
                holder.withLock { $0 = call }
                call.send(GRPCMethods.count(20, of: 8))
                call.finishSending()
                return call
            }.get()
            for number in 0..<20 {
                #expect(await log.message()?.getInteger(at: 0, as: UInt32.self) == UInt32(number))
                // The rest has long come by now.
                if number == 0 { #expect(await client.reply("/t/Echo").code == .ok) }
                #expect(log.result.withLock { $0 == nil })
                call.resumeReading()
            }
            #expect(await log.rest() == [.end(.ok)])
            holder.withLock { $0 = nil }
        }
    }

    @Test("a paused reader can cancel, and its deadline counts, although the server has ended", arguments: [true, false])
    func pausedEnd(cancels: Bool) async throws {
        try await withServer(.streaming()) { _, client in
            let log = StreamLog()
            try await client.connect().get()
            let call = client.stream("/t/Count", deadline: .now() + .seconds(cancels ? 30 : 2), events: log.handlers)
            call.pauseReading()
            call.send(GRPCMethods.count(3, of: 8))
            call.finishSending()
            if cancels {
                #expect(await log.next() == .metadata(GRPCMetadata()))
                #expect(await client.reply("/t/Echo").code == .ok)
                call.cancel()
            }
            #expect(await log.rest().last == .end(cancels ? .cancelled : .deadlineExceeded))
            #expect(log.error?.mayHaveBeenProcessed == true)
        }
    }

    @Test("a writer whose server does not read is asked to wait, and told when it may go on")
    func slowServer() async throws {
        let (calls, report) = AsyncStream<ServerCall>.makeStream()
        let read = Atomic64()
        var methods = GRPCMethods()
        methods.handleStreaming("/t/Slow") { report.yield($0) }
        try await withServer(methods) { _, client in
            let log = StreamLog()
            let call = client.stream("/t/Slow", events: log.handlers)
            let sent = try await client.eventLoop.submit { Self.fill(call, to: 4_000_000, from: 0) }.get()
            #expect(sent < 200_000)
            let served = try #require(await calls.first { _ in true })
            var total = sent
            // The window takes more than the marks; then nothing moves.
            while total < 900_000 {
                #expect(await log.next() == .ready)
                let begun = total
                total = try await client.eventLoop.submit { Self.fill(call, to: 4_000_000, from: begun) }.get()
            }
            try await served.eventLoop.submit {
                served.onMessage({ read.add($0.readableBytes) }, end: { served.respond(ByteBuffer()) })
            }.get()
            while total < 4_000_000 {
                #expect(await log.next() == .ready)
                let begun = total
                total = try await client.eventLoop.submit { Self.fill(call, to: 4_000_000, from: begun) }.get()
            }
            call.finishSending()
            #expect(await log.rest().last == .end(.ok))
            #expect(read.value == total)
        }
    }

    @Test("a writer on another thread is asked to wait, and is told when it may go on")
    func otherThread() async throws {
        let read = Atomic64()
        try await withServer(.streaming(read: read)) { _, client in
            let room = DispatchSemaphore(value: 0)
            let log = StreamLog()
            var handlers = log.handlers
            handlers.onReady = { room.signal() }
            let call = client.stream("/t/Sum", events: handlers)
            let threads = NIOThreadPool(numberOfThreads: 1)
            threads.start()
            try await threads.runIfActive {
                for _ in 0..<5000 {
                    while !call.isReady { room.wait() }
                    call.send(ByteBuffer(repeating: 1, count: 1000))
                }
                call.finishSending()
            }
            #expect(await log.message() == GRPCMethods.count(5000, of: 5_000_000))
            #expect(await log.rest() == [.end(.ok)])
            try await threads.shutdownGracefully()
        }
    }

    private static func fill(_ call: ClientStreamCall, to limit: Int, from sent: Int) -> Int {
        var sent = sent
        while sent < limit, call.isReady {
            call.send(ByteBuffer(repeating: 1, count: 10_000))
            sent += 10_000
        }
        return sent
    }

    /// Waits until a number no longer changes over many turns of all loops.
    private func steady(_ number: () -> Int) async throws {
        var last = -1
        var same = 0
        while same < 200 {
            for loop in group.makeIterator() { try await loop.submit {}.get() }
            let now = number()
            same = now == last ? same + 1 : 0
            last = now
        }
    }
}
