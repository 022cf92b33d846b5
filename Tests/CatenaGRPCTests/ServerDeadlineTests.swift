// SPDX-License-Identifier: Apache-2.0
// What the deadline of a streaming call does on the server: to a handler, to an answer in progress, to a reader that is behind.
import CatenaGRPC
import NIOCore
import Synchronization
import Testing

@Suite("The deadline of a streaming call on a server", .timeLimit(.minutes(3)))
struct ServerDeadlineTests {
    @Test("the deadline ends a stream between messages with DEADLINE_EXCEEDED in the trailers")
    func deadline() async throws {
        let (response, reason) = try await expire { call in call.send(ByteBuffer(string: "x")) }
        #expect(response.payloads.count == 1 && response.status == "4" && response.reset == nil)
        #expect(reason == "deadlineExceeded")
    }

    @Test("a handler may answer while it is told that the deadline has passed")
    func answerAtDeadline() async throws {
        let (response, _) = try await expire { call in
            call.onCancel { _ in call.respond(ByteBuffer(string: "just so")) }
        }
        #expect(response.payloads == [Array("just so".utf8)] && response.status == "0" && response.reset == nil)
    }

    @Test("the deadline cuts a body that its reader does not read, also when the handler is done", arguments: [false, true])
    func deadlineStuck(isFinished: Bool) async throws {
        let (response, reason) = try await expire(window: 0) { call in
            call.send(ByteBuffer(repeating: 0, count: 1000))
            if isFinished { call.finish() }
        }
        #expect(response.reset == .cancel && response.messages.isEmpty)
        #expect(reason == (isFinished ? nil : "deadlineExceeded"))
    }

    @Test("a reader that comes back soon after the deadline gets what was sent, and the status")
    func deadlineLate() async throws {
        let (response, _) = try await expire(window: 0, lateWindow: 10_000) { call in
            call.send(ByteBuffer(repeating: 0, count: 1000))
        }
        #expect(response.payloads.map(\.count) == [1000] && response.status == "4" && response.reset == nil)
    }

    /// A call of 200 ms whose handler does `body` and no more: its response, and the reason that the handler was told.
    ///
    /// - Parameter lateWindow: what the client is ready to read as soon as the handler has been told.
    private func expire(
        window: UInt32 = 65_535, lateWindow: UInt32? = nil, _ body: @escaping @Sendable (ServerCall) -> Void
    ) async throws -> (RawResponse, reason: String?) {
        let reasons = Mutex<[String]>([])
        let client = Mutex<RawConnection?>(nil)
        var methods = GRPCMethods()
        methods.handleStreaming("/t/Expire") { call in
            call.onCancel { reason in
                reasons.withLock { $0.append("\(reason)") }
                if let lateWindow { client.withLock { $0 }?.push(RawFrame.windowUpdate(1, lateWindow).bytes) }
            }
            body(call)
        }
        var response = RawResponse()
        try await withServer(methods) { server, _ in
            let raw = try await RawConnection.connect(to: server.address)
            client.withLock { $0 = raw }
            try await raw.send(.settings(4, window))
            try await raw.send(.headers(RawConnection.request("/t/Expire", with: [("grpc-timeout", "200m")]), stream: 1))
            response = try await raw.response(stream: 1)
            try await raw.close()
        }
        let told = reasons.withLock { $0 }
        #expect(told.count < 2)
        return (response, told.first)
    }
}
