// SPDX-License-Identifier: Apache-2.0
// Servers that refuse what they have not begun, by REFUSED_STREAM and by GOAWAY: no call is lost, none is begun for ever, and none
// of which the server may have seen a part is begun twice.
import CatenaGRPC
import NIOCore
import Synchronization
import Testing

@Suite("A client's refused calls", .timeLimit(.minutes(3)))
struct ClientRefusalTests {
    @Test("a refused stream is begun again, up to five times", arguments: [1, 5, 6])
    func refused(times: Int) async throws {
        try await withHandDrivenServer { server, client in
            async let reply = client.reply("/t/Echo")
            let raw = try await server.greet()
            for _ in 0..<times { try await raw.send(.reset(try await raw.nextStream(), .refusedStream)) }
            if times <= 5 {
                try await raw.answer(try await raw.nextStream())
                #expect(await reply.code == .ok)
            } else {
                let error = try #require(await reply.error)
                #expect(error.status.code == .unavailable)
                #expect(!error.mayHaveBeenProcessed)
            }
        }
    }

    @Test("a refused stream goes behind those that are open, and behind those that wait")
    func goesBehind() async throws {
        try await withHandDrivenServer { server, client in
            async let first = client.reply("/t/First")
            // Two streams at once.
            let raw = try await server.greet([0, 3, 0, 0, 0, 2])
            let inflater = try HeaderInflater()
            let firstHead = try #require(await raw.next(.headers))
            _ = try inflater.decode(firstHead.payload)
            let (ended, end) = AsyncStream<String>.makeStream()
            try await client.eventLoop.submit {
                for name in ["/t/Second", "/t/Third"] {
                    client.call(name, payload: ByteBuffer()) { end.yield("\(name) \($0.code)") }
                }
            }.get()
            let second = try #require(await raw.next(.headers))
            #expect(try inflater.decode(second.payload).contains { $0 == (":path", "/t/Second") })
            try await raw.send(.reset(second.stream, .refusedStream))
            try await raw.answer(firstHead.stream)
            #expect(await first.code == .ok)
            for name in ["/t/Third", "/t/Second"] {
                let head = try #require(await raw.next(.headers))
                #expect(try inflater.decode(head.payload).contains { $0 == (":path", name) })
                try await raw.answer(head.stream)
                #expect(await ended.first { _ in true } == "\(name) OK")
            }
        }
    }

    @Test("a server that takes fewer streams than it says refuses no call for good")
    func stingyServer() async throws {
        try await withHandDrivenServer { server, client in
            let calls = 200
            async let good = withTaskGroup(of: Bool.self) { tasks in
                for _ in 0..<calls { tasks.addTask { await client.reply("/t/Echo").code == .ok } }
                return await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            // Says ten, and refuses each fifth however few are open.
            let raw = try await server.greet([0, 3, 0, 0, 0, 10])
            var answered = 0
            var begun = 0
            while answered < calls {
                let stream = try await raw.nextStream()
                begun += 1
                if begun % 5 == 0 {
                    try await raw.send(.reset(stream, .refusedStream))
                } else {
                    try await raw.answer(stream)
                    answered += 1
                }
            }
            #expect(await good == calls)
        }
    }

    @Test("after the first GOAWAY new calls go to a new connection at once, while the old one's finish")
    func gracefulGoAway() async throws {
        try await withHandDrivenServer { server, client in
            async let first = client.reply("/t/First")
            let old = try await server.greet()
            let stream = try await old.nextStream()
            try await old.send(.goAway(last: 0x7fff_ffff))
            try await client.become(.idle)
            async let second = client.reply("/t/Second")
            let new = try await server.greet()
            try await new.answer(try await new.nextStream())
            #expect(await second.code == .ok)
            try await old.send(.goAway(last: stream))
            try await old.answer(stream)
            #expect(await first.code == .ok)
            #expect(await old.next(.headers) == nil)
        }
    }

    @Test("connections that end all the time lose no call")
    func goAwayUnderLoad() async throws {
        var configuration = GRPCServerConfiguration()
        configuration.maxConnectionAge = .milliseconds(150)
        try await withServer(.streaming(), configuration: configuration) { _, client in
            let failures = await withTaskGroup(of: [String].self) { tasks in
                for _ in 0..<40 {
                    tasks.addTask {
                        var failures: [String] = []
                        let end = NIODeadline.now() + .seconds(1)
                        var number = 0
                        while NIODeadline.now() < end {
                            number += 1
                            let reply = await client.reply("/t/Echo", ByteBuffer(integer: number))
                            if reply.payload != ByteBuffer(integer: number) { failures.append("\(reply)") }
                        }
                        return failures
                    }
                }
                return await tasks.reduce(into: []) { $0 += $1 }
            }
            #expect(failures.isEmpty, "\(failures.prefix(3))")
        }
    }

    @Test("a refused stream call sends again what it had sent", arguments: [true, false])
    func replayedStream(byGoAway: Bool) async throws {
        try await withHandDrivenServer { server, client in
            let log = StreamLog()
            let call = client.stream("/t/Chat", events: log.handlers)
            call.send(ByteBuffer(string: "one"))
            var raw = try await server.greet()
            let stream = try await raw.nextStream()
            #expect(await raw.next(.data)?.payload == [0, 0, 0, 0, 3] + "one".utf8)
            if byGoAway {
                try await raw.send(.goAway(last: 0))
                raw = try await server.greet()
            } else {
                try await raw.send(.reset(stream, .refusedStream))
            }
            let again = try await raw.nextStream()
            #expect(await raw.next(.data)?.payload == [0, 0, 0, 0, 3] + "one".utf8)
            call.send(ByteBuffer(string: "two"))
            call.finishSending()
            var body: [UInt8] = []
            while let frame = await raw.next(.data) {
                body += frame.payload
                if frame.isEnd { break }
            }
            #expect(body == [0, 0, 0, 0, 3] + "two".utf8)
            try await raw.answer(again)
            #expect(await log.rest().last == .end(.ok))
        }
    }

    @Test("a refused stream call that sent more than is kept fails, and says that it was not begun")
    func tooLongToReplay() async throws {
        try await withHandDrivenServer { server, client in
            let log = StreamLog()
            let call = client.stream("/t/Chat", events: log.handlers)
            call.send(ByteBuffer(repeating: 1, count: 60_000))
            let raw = try await server.greet()
            let stream = try await raw.nextStream()
            _ = await raw.next(.data)
            call.send(ByteBuffer(repeating: 1, count: 60_000))
            try await client.eventLoop.submit {}.get()
            try await raw.send(.reset(stream, .refusedStream))
            #expect(await log.rest() == [.end(.unavailable)])
            #expect(log.error?.mayHaveBeenProcessed == false)
        }
    }
}
