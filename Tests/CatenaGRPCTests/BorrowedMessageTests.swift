// SPDX-License-Identifier: Apache-2.0
// Messages that are read where they came from the socket, whatever comes between them and the end of their streams; and those who
// read them that way: a subclass of UnaryCall at the client, a handler in place at the server.
import CatenaGRPC
import NIOCore
import Testing

@Suite("Borrowed messages", .timeLimit(.minutes(3)))
struct BorrowedMessageTests {
    /// A call that tells its end to a stream of events.
    private final class ToldCall: UnaryCall, @unchecked Sendable {
        let (ends, end) = AsyncStream<Result<[UInt8], GRPCCallError>>.makeStream()

        override func succeeded(_ message: Span<UInt8>) { end.yield(.success(message.indices.map { message[$0] })) }
        override func failed(_ error: GRPCCallError) { end.yield(.failure(error)) }

        func next() async -> Result<[UInt8], GRPCCallError>? { await ends.first { _ in true } }
    }

    private final class Watcher: ServerCallWatcher, Sendable {
        let (reasons, report) = AsyncStream<ServerCancellation>.makeStream()

        func callCancelled(_ why: ServerCancellation) { report.yield(why) }
    }

    /// Messages of many lengths, each of its own bytes.
    private static let messages = [0, 1, 5, 300, 16_000].enumerated().map { index, length in [UInt8](repeating: UInt8(index + 1), count: length) }

    private static func methods(_ watcher: Watcher = Watcher()) -> GRPCMethods {
        var methods = GRPCMethods.standard()
        methods.handleUnaryInPlace("/t/InPlace") { call, payload in
            let echo = call.loop == ObjectIdentifier(call.eventLoop) ? ByteBuffer(bytes: payload.indices.map { payload[$0] }) : ByteBuffer()
            call.respond(echo)
        }
        methods.handleUnaryInPlace("/t/Watched") { call, _ in call.watch(watcher) }
        return methods
    }

    @Test("a request waits for its end while others come", arguments: ["/t/Echo", "/t/InPlace"], [false, true])
    func requestsApart(path: String, inOneRead: Bool) async throws {
        try await withServer(Self.methods()) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            try await raw.openWindows()
            let streams = Self.messages.indices.map { UInt32(2 * $0 + 1) }
            let begin = zip(streams, Self.messages).flatMap {
                RawFrame.headers(RawConnection.request(path), stream: $0).bytes + RawFrame.message($1, stream: $0).bytes
            }
            let end = streams.flatMap { RawFrame(.data, flags: RawFrame.endStream, stream: $0).bytes }
            if inOneRead {
                try await raw.write(begin + end)
            } else {
                try await raw.write(begin)
                // Answered when the messages have been read, and their memory has served what followed.
                _ = try await raw.framesUntilPing()
                try await raw.write(end)
            }
            for (stream, message) in zip(streams, Self.messages) {
                let response = try await raw.response(stream: stream)
                #expect(response.status == "0" && response.payloads == [message])
            }
            try await raw.close()
        }
    }

    @Test("an answer waits for its trailers while others come", arguments: [false, true])
    func answersApart(inOneRead: Bool) async throws {
        try await withHandDrivenServer { server, client in
            let calls = Self.messages.map { _ in ToldCall(client, "/t/Any", payload: GRPCPayload(ByteBuffer())) }
            async let closure = client.reply("/t/Any")
            let raw = try await server.greet()
            var streams = [try await raw.nextStream()]
            for call in calls {
                call.begin()
                streams.append(try await raw.nextStream())
            }
            let messages = [[9, 9, 9]] + Self.messages
            let heads = streams.flatMap { RawFrame.headers(RawConnection.okHead, stream: $0).bytes }
            let bodies = zip(streams, messages).flatMap { RawFrame.message($1, stream: $0).bytes }
            let trailers = streams.flatMap { RawFrame.headers([("grpc-status", "0")], stream: $0, end: true).bytes }
            if inOneRead {
                try await raw.write(heads + bodies + trailers)
            } else {
                try await raw.write(heads + bodies)
                _ = try await raw.framesUntilPing()
                try await raw.write(trailers)
            }
            for (call, message) in zip(calls, Self.messages) { #expect(try await call.next()?.get() == message) }
            #expect(await closure.payload == ByteBuffer(bytes: [9, 9, 9]))
        }
    }

    @Test("what a server sent before it refused the call is not the answer", arguments: [false, true])
    func refusedAnswer(inOneRead: Bool) async throws {
        try await withHandDrivenServer { server, client in
            let call = ToldCall(client, "/t/Any", payload: GRPCPayload(ByteBuffer(bytes: [1, 2, 3])))
            call.begin()
            let raw = try await server.greet()
            let stream = try await raw.nextStream()
            let begun = RawFrame.headers(RawConnection.okHead, stream: stream).bytes + RawFrame.message([1], stream: stream).bytes
            try await raw.write(begun + (inOneRead ? RawFrame.reset(stream, .refusedStream).bytes : []))
            if !inOneRead {
                _ = try await raw.framesUntilPing()
                try await raw.send(.reset(stream, .refusedStream))
            }
            try await raw.answer(try await raw.nextStream(), [0, 0, 0, 0, 2, 7, 8])
            #expect(try await call.next()?.get() == [7, 8])
        }
    }

    @Test("two messages, or none, are no answer")
    func wrongCount() async throws {
        try await withHandDrivenServer { server, client in
            var raw: RawConnection?
            for messages in [[], [[1], [2]]] as [[[UInt8]]] {
                let call = ToldCall(client, "/t/Any", payload: GRPCPayload(ByteBuffer()))
                call.begin()
                if raw == nil { raw = try await server.greet() }
                let stream = try #require(try await raw?.nextStream())
                let bodies = messages.flatMap { RawFrame.message($0, stream: stream).bytes }
                try await raw?.write(
                    RawFrame.headers(RawConnection.okHead, stream: stream).bytes + bodies
                        + RawFrame.headers([("grpc-status", "0")], stream: stream, end: true).bytes)
                guard case .failure(let error) = await call.next() else { throw ChannelError.eof }
                #expect(error.status.code == .unimplemented && error.mayHaveBeenProcessed)
            }
        }
    }

    @Test("a call that is told by its subclass fails, and is cancelled, as any other; who watches it at the server hears of it")
    func failures() async throws {
        let watcher = Watcher()
        try await withServer(Self.methods(watcher)) { _, client in
            let failing = ToldCall(client, "/t/Fail", payload: GRPCPayload(ByteBuffer(integer: UInt8(5))))
            failing.begin()
            guard case .failure(let failure) = await failing.next() else { throw ChannelError.eof }
            #expect(failure.status.code == .notFound && failure.answeredByServer)
            let watched = ToldCall(client, "/t/Watched", payload: GRPCPayload(ByteBuffer()), deadline: .now() + .seconds(60))
            watched.begin()
            // The server has begun it when it answers the next.
            #expect(await client.reply("/t/Echo").code == .ok)
            watched.cancel()
            guard case .failure(let error) = await watched.next() else { throw ChannelError.eof }
            #expect(error.status.code == .cancelled)
            #expect(await watcher.reasons.first { _ in true } == .reset(.cancel))
        }
    }
}
