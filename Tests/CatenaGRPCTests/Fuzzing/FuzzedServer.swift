// SPDX-License-Identifier: Apache-2.0
// A server's connection with a handler of every temper: at once, later, never, too much, twice. What each call was told is written down
// and compared when the connection is gone.

import NIOCore
import NIOEmbedded

@testable import CatenaGRPC

/// The server's side of a fuzzed connection.
///
/// Unchecked because all of it runs on the one thread of an embedded loop.
final class FuzzedServer: FuzzedSide, @unchecked Sendable {
    let loop = EmbeddedEventLoop()
    let isServer = true
    let peerPreface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    /// Those of the streams say the same.
    let deadlines: [NIODeadline] = []

    private var configuration = GRPCServerConfiguration()
    private var calls: [HandledCall] = []
    private var broken: [String] = []

    /// - Parameter isNarrow: with limits that a short script can reach.
    init(isNarrow: Bool) {
        guard isNarrow else { return }
        configuration.maxMessageSize = 1_024
        configuration.maxConcurrentStreams = 3
        configuration.maxMetadataSize = 600
        configuration.keepalive = GRPCKeepalive(time: .seconds(1), timeout: .seconds(2), withoutCalls: true)
        configuration.maxConnectionAge = .seconds(2)
        configuration.maxConnectionAgeGrace = .seconds(4)
    }

    func makeHandler(for channel: EmbeddedChannel) throws -> HTTP2Connection {
        var methods = GRPCMethods()
        single(&methods, "/t/Echo") { $0.respond($1, trailers: $0.call.metadata) }
        single(&methods, "/t/Fail") { call, _ in call.fail() }
        single(&methods, "/t/Hang") { _, _ in }
        single(&methods, "/t/Big") { call, _ in call.respond(HandledCall.big) }
        single(&methods, "/t/List") { call, payload in
            call.sendMetadata()
            for _ in 0..<3 { call.send(payload) }
        }
        stream(&methods, "/t/Collect") { call in call.read { _, _ in } end: { $0.respond(ByteBuffer(integer: $0.messages)) } }
        stream(&methods, "/t/Chat") { call in call.read { $0.sendAndWait($1) } end: { $0.finishCall() } }
        // Says only later who reads, or never.
        stream(&methods, "/t/Late") { _ in }
        return try ServerConnection.makeHandler(for: channel, methods: methods, configuration: configuration)
    }

    private func single(_ methods: inout GRPCMethods, _ path: String, _ handler: @escaping @Sendable (HandledCall, ByteBuffer) -> Void) {
        let run: GRPCMethods.UnaryHandler = { [unowned self] call, payload in
            let handled = add(call, path)
            handled.received(payload)
            handler(handled, payload)
        }
        if path == "/t/List" { methods.handleServerStreaming(path, run) } else { methods.handleUnary(path, run) }
    }

    private func stream(_ methods: inout GRPCMethods, _ path: String, _ handler: @escaping @Sendable (HandledCall) -> Void) {
        methods.handleStreaming(path) { [unowned self] call in handler(add(call, path)) }
    }

    private func add(_ call: ServerCall, _ path: String) -> HandledCall {
        if call.method != path { broken.append("\(path) was called as \(call.method)") }
        let handled = HandledCall(call, maxMessageSize: configuration.maxMessageSize)
        calls.append(handled)
        return handled
    }

    func act(_ action: Int, on number: Int) {
        guard !calls.isEmpty else { return }
        let call = calls[number % calls.count]
        switch action % 11 {
        case 0: call.respond(ByteBuffer(string: "late"))
        case 1: call.respond(HandledCall.big)
        case 2: call.fail()
        case 3: call.answersItsCancellation = true
        case 4: call.send(ByteBuffer(repeating: 0x2b, count: number * 100))
        case 5: call.finishCall()
        case 6: call.sendMetadata()
        case 7: call.call.pauseReading()
        case 8: call.call.resumeReading()
        case 9: call.read { $0.sendAndWait($1) } end: { $0.respond(ByteBuffer(string: "read")) }
        default: call.read { call, _ in call.fail() } end: { $0.fail() }
        }
    }

    func finish() -> [String] {
        defer { calls = [] }
        for call in calls { call.finish() }
        return broken + calls.flatMap(\.broken)
    }
}
