// SPDX-License-Identifier: Apache-2.0
// A client with calls begun before, during and after the peer's frames. There is no second connection on an embedded loop, so a call
// that the client would begin again elsewhere ends too, and every one must have ended when the client has.

import NIOCore
import NIOEmbedded

@testable import CatenaGRPC

/// The client's side of a fuzzed connection.
///
/// Unchecked because all of it runs on the one thread of an embedded loop.
final class FuzzedClient: FuzzedSide, @unchecked Sendable {
    private static let maxCalls = 200

    let loop = EmbeddedEventLoop()
    let isServer = false
    let peerPreface: [UInt8] = []

    private let client: GRPCClient
    private let maxMessageSize: Int
    private var calls: [BegunCall] = []

    /// - Parameter isNarrow: with limits that a short script can reach.
    init(isNarrow: Bool) {
        var configuration = GRPCClientConfiguration()
        if isNarrow {
            configuration.maxMessageSize = 1_024
            configuration.maxMetadataSize = 600
        }
        maxMessageSize = configuration.maxMessageSize
        client = GRPCClient(target: .tcp(host: "h", port: 1), on: loop, configuration: configuration)
    }

    /// What the client does when it dials, but that the channel is ours.
    func makeHandler(for channel: EmbeddedChannel) throws -> HTTP2Connection {
        let connection = ClientConnection(client: client)
        client.link = .connecting(connection, timer: loop.scheduleTask(in: .hours(1)) {})
        client.open.append(connection)
        let handler = try connection.makeHandler(for: channel)
        begin(payload: ByteBuffer(string: "first"), deadline: nil)
        return handler
    }

    private func begin(payload: ByteBuffer, deadline: NIODeadline?) {
        guard calls.count < Self.maxCalls else { return }
        let begun = BegunCall(maxMessageSize: maxMessageSize)
        calls.append(begun)
        var metadata = GRPCMetadata()
        if calls.count % 4 == 0 { try? metadata.add("x-call", "\(calls.count)") }
        begun.isBeing = client.state == .ready
        begun.call = client.call("/t/Any", payload: payload, metadata: metadata, deadline: deadline) { begun.ended($0) }
        begun.isBeing = false
    }

    var deadlines: [NIODeadline] { calls.compactMap { $0.call?.deadline } }

    func act(_ action: Int, on number: Int) {
        switch action % 6 {
        case 0: begin(payload: ByteBuffer(), deadline: nil)
        case 1: begin(payload: ByteBuffer(repeating: 1, count: number * 300), deadline: nil)
        case 2: begin(payload: ByteBuffer(string: "hasty"), deadline: .now() + .microseconds(Int64(number)))
        case 3: begin(payload: ByteBuffer(string: "patient"), deadline: .now() + .hours(1))
        default: if !calls.isEmpty { calls[number % calls.count].call?.cancel() }
        }
    }

    func finish() -> [String] {
        defer { calls = [] }
        var broken: [String] = []
        let open = calls.count { $0.ends == 0 }
        if open > 0 { broken.append("\(open) of \(calls.count) calls are left when the channel is gone") }
        // A dial on this loop fails, and what it leaves behind is not this connection's.
        client.open.removeAll()
        client.shutdown()
        loop.run()
        for call in calls where call.ends != 1 { broken.append("a call ended \(call.ends) times") }
        return broken + calls.flatMap(\.broken)
    }
}

/// A call that was begun. Unchecked for the same reason as the client.
final class BegunCall: @unchecked Sendable {
    private let maxMessageSize: Int
    var call: ClientCall?
    /// The method that begins it has not returned.
    var isBeing = false
    private(set) var ends = 0
    private(set) var broken: [String] = []

    init(maxMessageSize: Int) { self.maxMessageSize = maxMessageSize }

    func ended(_ result: Result<GRPCReply, GRPCCallError>) {
        ends += 1
        if isBeing { broken.append("a call ended before it had begun") }
        switch result {
        case .success(let reply):
            let size = reply.payload.readableBytes
            if size > maxMessageSize { broken.append("a reply of \(size) bytes was handed on") }
        case .failure(let error):
            if error.status.code == .ok { broken.append("a call failed with status OK") }
            if error.answeredByServer, !error.mayHaveBeenProcessed { broken.append("a call was answered that never arrived: \(error)") }
        }
    }
}
