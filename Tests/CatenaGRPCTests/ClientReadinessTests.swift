// SPDX-License-Identifier: Apache-2.0
// What a client does while its server is away: who waits, who fails and when it tries again.
import CatenaGRPC
import NIOCore
import Synchronization
import Testing

@Suite("A client without a server", .timeLimit(.minutes(3)))
struct ClientReadinessTests {
    @Test("a call that waits survives failed attempts, and is served when the server is back", arguments: [true, false])
    func waitForReady(isStream: Bool) async throws {
        let port = try HeldPort()
        defer { port.release() }
        var configuration = GRPCClientConfiguration()
        configuration.backoff.initial = .milliseconds(5)
        configuration.backoff.maximum = .milliseconds(20)
        let client = GRPCClient(target: port.address, on: group.next(), configuration: configuration)
        let (states, report) = AsyncStream<GRPCClientState>.makeStream()
        let observation = client.observeState { report.yield($0) }
        let log = StreamLog()
        async let reply = isStream ? nil : client.waitingReply("/t/Echo", ByteBuffer(string: "x"))
        if isStream {
            let call = client.stream("/t/Echo", waitForReady: true, events: log.handlers)
            call.send(ByteBuffer(string: "x"))
            call.finishSending()
        }
        var failures = 0
        for await state in states where state == .failing {
            failures += 1
            if failures == 3 { break }
        }
        let server = try await GRPCServer.bind(.address(port.address), methods: .streaming(), group: group).get()
        if isStream {
            #expect(await log.message() == ByteBuffer(string: "x"))
            #expect(await log.rest() == [.end(.ok)])
        } else {
            #expect(await reply?.payload == ByteBuffer(string: "x"))
        }
        #expect(client.state == .ready)
        observation.cancel()
        try await client.shutdown().get()
        try await server.shutdown(deadline: .distantFuture).get()
    }

    @Test("a call that waits ends at its deadline, when it is cancelled, or with its client")
    func waitEnds() async throws {
        let client = GRPCClient(target: .unix(path: "/nonexistent/s"), on: group.next())
        let error = try #require(await client.waitingReply("/t/Echo", deadline: .now() + .milliseconds(30)).error)
        #expect(error.status.code == .deadlineExceeded)
        #expect(!error.mayHaveBeenProcessed)
        let cancelled = StreamLog()
        client.stream("/t/Chat", waitForReady: true, events: cancelled.handlers).cancel()
        #expect(await cancelled.rest() == [.end(.cancelled)])
        let left = StreamLog()
        _ = client.stream("/t/Chat", waitForReady: true, events: left.handlers)
        try await client.become(.failing)
        try await client.shutdown().get()
        #expect(await left.rest() == [.end(.unavailable)])
        #expect(client.state == .retired)
    }

    @Test("while it is too early to try again, a call that does not wait fails at once, with the last reason and the time that is left")
    func failsAtOnce() async throws {
        var configuration = GRPCClientConfiguration()
        configuration.backoff.initial = .hours(1)
        let client = GRPCClient(target: .unix(path: "/nonexistent/s"), on: group.next(), configuration: configuration)
        let attempts = Mutex(0)
        let observation = client.observeState { if $0 == .connecting { attempts.withLock { $0 += 1 } } }
        let reason = "unix:///nonexistent/s: no such file or directory"
        #expect(await client.reply("/t/Echo").error?.status == GRPCStatus(.unavailable, reason))
        for _ in 0..<100 {
            let error = try #require(await client.reply("/t/Echo").error)
            #expect(error.status.code == .unavailable && !error.mayHaveBeenProcessed)
            #expect(error.status.message.hasPrefix("\(reason) (the next attempt can be made in 3"))
        }
        #expect(attempts.withLock { $0 } == 1)
        // Who asks for a connection gets an attempt.
        await #expect(throws: GRPCStatus(.unavailable, reason)) { try await client.connect().get() }
        #expect(attempts.withLock { $0 } == 2)
        observation.cancel()
        try await client.shutdown().get()
    }

    @Test("a server that lets go of every connection at once fails the call in the end, and is not dialled as fast as it does")
    func flapping() async throws {
        var configuration = GRPCClientConfiguration()
        configuration.backoff.initial = .milliseconds(50)
        configuration.backoff.maximum = .milliseconds(50)
        try await withHandDrivenServer(configuration) { server, client in
            let begun = NIODeadline.now()
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    // In one write, so that no call can leave in between.
                    while let raw = await server.accept() { try? await raw.send(RawFrame(.settings), .goAway(last: 0)) }
                }
                let error = try #require(await client.reply("/t/Echo").error)
                #expect(error.status.code == .unavailable && !error.mayHaveBeenProcessed)
                #expect(error.status.message.contains("the server ended the connection"))
                tasks.cancelAll()
            }
            // Five pauses of 50 ms, less a fifth each.
            #expect(NIODeadline.now() - begun >= .milliseconds(200))
            #expect(client.state == .failing)
        }
    }

    @Test("the pause between attempts grows and is forgotten after success")
    func pauseGrows() async throws {
        var configuration = GRPCClientConfiguration()
        configuration.backoff.initial = .milliseconds(1)
        configuration.backoff.factor = 1e12
        configuration.backoff.maximum = .hours(1)
        let client = GRPCClient(target: .unix(path: "/nonexistent/s"), on: group.next(), configuration: configuration)
        let (states, report) = AsyncStream<GRPCClientState>.makeStream()
        let observation = client.observeState { report.yield($0) }
        let log = StreamLog()
        let call = client.stream("/t/Chat", waitForReady: true, events: log.handlers)
        var seen: [GRPCClientState] = []
        for await state in states {
            seen.append(state)
            if seen.count == 5 { break }
        }
        #expect(seen == [.idle, .connecting, .failing, .connecting, .failing])
        // The next is an hour away; a call that does not wait tries at once, and takes the others along.
        #expect(await client.reply("/t/Echo").code == .unavailable)
        #expect(await states.first { _ in true } == .connecting)
        #expect(await states.first { _ in true } == .failing)
        call.cancel()
        observation.cancel()
        try await client.shutdown().get()
    }
}

extension GRPCClient {
    /// A call that waits for a connection, as an async function.
    func waitingReply(_ method: String, _ payload: ByteBuffer = ByteBuffer(), deadline: NIODeadline? = nil) async -> Result<
        GRPCReply, GRPCCallError
    > {
        await withCheckedContinuation { continuation in
            call(method, payload: payload, deadline: deadline, waitForReady: true) { continuation.resume(returning: $0) }
        }
    }
}
