// SPDX-License-Identifier: Apache-2.0
// The streaming methods that every peer offers under interop.Peer. Each waits when its reader does, which is what the scenarios with
// slow readers look at.

import CatenaGRPC
import NIOCore

struct PeerStreams: Sendable {
    let counters: PeerCounters

    func register(in methods: inout GRPCMethods) {
        methods.handleServerStreaming("/interop.Peer/Download", download)
        methods.handleStreaming("/interop.Peer/Upload", upload)
        methods.handleStreaming("/interop.Peer/Chat", chat)
    }

    /// Counts a call in, and out again when its caller leaves.
    private func begin(_ call: ServerCall) {
        counters.begin(peer: call.peer)
        counters.add("active")
        call.onCancel { _ in
            counters.add("active", -1)
            counters.add("cancelled")
        }
    }

    private func end(_ call: ServerCall, _ status: GRPCStatus = .ok, sent: Int = 0) {
        var trailers = GRPCMetadata()
        if status.code != .ok { try? trailers.add("sent", "\(sent)") }
        if status.code == .ok ? call.finish() : call.fail(status, trailers: trailers) { counters.add("active", -1) }
    }

    /// `COUNT SIZE`: so many messages of that size; with a third word it ends with that code.
    private func download(_ call: ServerCall, _ payload: ByteBuffer) {
        begin(call)
        let words = String(buffer: payload).split(separator: " ").compactMap { Int($0) }
        guard words.count >= 2 else { return end(call, GRPCStatus(.invalidArgument, "COUNT SIZE")) }
        let message = pattern(words[1])
        let code = words.count > 2 ? GRPCStatus.Code(rawValue: words[2]) : .ok
        var left = words[0]
        func sendMore() {
            while left > 0, call.isReady, call.send(message) {
                left -= 1
                counters.add("sent", message.readableBytes)
            }
            if left == 0 { end(call, GRPCStatus(code ?? .unknown, "enough"), sent: words[0]) }
        }
        call.onReady { sendMore() }
        sendMore()
    }

    /// Answers `COUNT BYTES` of what it got. In the metadata, `pause` makes it wait so many milliseconds after the first message, and
    /// `refuse` fail with that code after it.
    private func upload(_ call: ServerCall) {
        begin(call)
        let pause = call.metadata.texts("pause").first.flatMap { Int64($0) }
        let refusal = call.metadata.texts("refuse").first.flatMap { Int($0) }.flatMap { GRPCStatus.Code(rawValue: $0) }
        var count = 0
        var size = 0
        call.onMessage { message in
            count += 1
            size += message.readableBytes
            counters.add("received", message.readableBytes)
            if count == 1, let refusal { return end(call, GRPCStatus(refusal, "enough")) }
            guard count == 1, let pause else { return }
            call.pauseReading()
            call.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(pause)) { call.resumeReading() }
        } end: {
            if call.send(ByteBuffer(string: "\(count) \(size)")) { end(call) }
        }
    }

    /// Every message back as it comes; reads no more while the caller does not.
    private func chat(_ call: ServerCall) {
        begin(call)
        call.onReady { call.resumeReading() }
        call.onMessage { message in
            _ = call.send(message)
            if !call.isReady { call.pauseReading() }
        } end: {
            end(call)
        }
    }
}
