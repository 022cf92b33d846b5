// SPDX-License-Identifier: Apache-2.0
// A streaming handler that does nothing by itself: it gives the call away and notes what happens to it, so that a test can be the
// handler, step by step.
import CatenaGRPC
import NIOCore

/// The calls of `/t/Stream` as they come, and what happened to them, in order.
final class StreamProbe: Sendable {
    private let calls: AsyncStream<ServerCall>
    private let events: AsyncStream<String>
    private let newCall: AsyncStream<ServerCall>.Continuation
    private let newEvent: AsyncStream<String>.Continuation

    init() {
        (calls, newCall) = AsyncStream.makeStream()
        (events, newEvent) = AsyncStream.makeStream()
    }

    func note(_ event: String) { newEvent.yield(event) }
    func nextCall() async -> ServerCall? { await calls.first { _ in true } }
    func nextEvent() async -> String? { await events.first { _ in true } }

    /// `/t/Stream` reads at once, `/t/Late` only when the test says so, `/t/Many` takes one message.
    var methods: GRPCMethods {
        var methods = GRPCMethods.standard()
        methods.handleStreaming("/t/Stream") { [self] call in
            watch(call)
            read(call)
            newCall.yield(call)
        }
        methods.handleStreaming("/t/Late") { [self] call in
            watch(call)
            newCall.yield(call)
        }
        methods.handleServerStreaming("/t/Many") { [self] call, payload in
            note("message \(String(buffer: payload))")
            watch(call)
            newCall.yield(call)
        }
        return methods
    }

    func read(_ call: ServerCall) {
        call.onMessage({ [self] in note("message \(String(buffer: $0))") }, end: { [self] in note("end") })
    }

    private func watch(_ call: ServerCall) {
        call.onReady { [self] in note("ready") }
        call.onCancel { [self] reason in note("cancelled: \(reason)") }
    }
}

extension ServerCall {
    /// Runs `body` as the call's handler would.
    func act<Result: Sendable>(_ body: @escaping @Sendable (ServerCall) -> Result) async throws -> Result {
        try await eventLoop.submit { body(self) }.get()
    }
}
