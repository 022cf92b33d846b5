// SPDX-License-Identifier: Apache-2.0
// The unary methods that every peer offers under interop.Peer. Their arguments are words of plain text, so that no peer needs
// generated code.

import CatenaGRPC
import NIOCore
import Synchronization

struct PeerMethods: Sendable {
    let counters: PeerCounters

    func register(in methods: inout GRPCMethods) {
        methods.handleUnary("/interop.Peer/Echo", echo)
        methods.handleUnary("/interop.Peer/Fail", fail)
        methods.handleUnary("/interop.Peer/Sleep", sleep)
        methods.handleUnary("/interop.Peer/Make", make)
    }

    /// The message back, with the caller's metadata before and after it.
    private func echo(_ call: ServerCall, _ payload: ByteBuffer) {
        counters.begin(peer: call.peer)
        call.sendMetadata(call.metadata)
        call.respond(payload, trailers: call.metadata)
    }

    /// `CODE MESSAGE`: ends with them, and with the caller's metadata.
    private func fail(_ call: ServerCall, _ payload: ByteBuffer) {
        counters.begin(peer: call.peer)
        let words = String(buffer: payload).split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        let code = words.first.flatMap { Int($0) }.flatMap { GRPCStatus.Code(rawValue: $0) } ?? .unknown
        guard code != .ok else {
            call.respond(ByteBuffer(), trailers: call.metadata)
            return
        }
        call.fail(GRPCStatus(code, words.count > 1 ? String(words[1]) : ""), trailers: call.metadata)
    }

    /// `MILLISECONDS`: answers after them, with none never. Counts callers that left before.
    private func sleep(_ call: ServerCall, _ payload: ByteBuffer) {
        counters.begin(peer: call.peer)
        counters.add("active")
        var timer: Scheduled<Void>?
        if let milliseconds = Int64(String(buffer: payload)) {
            timer = call.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(milliseconds)) {
                counters.add("active", -1)
                call.respond(ByteBuffer(string: "slept"))
            }
        }
        call.onCancel { _ in
            timer?.cancel()
            counters.add("active", -1)
            counters.add("cancelled")
        }
    }

    /// `SIZE`: a message of that size.
    private func make(_ call: ServerCall, _ payload: ByteBuffer) {
        counters.begin(peer: call.peer)
        call.respond(pattern(Int(String(buffer: payload)) ?? 0))
    }
}

/// Bytes that show when a piece is lost, doubled or out of place. Kept by size: a scenario uses a few sizes very often.
func pattern(_ size: Int) -> ByteBuffer {
    patterns.withLock { patterns in
        if let known = patterns[size] { return known }
        let buffer = ByteBuffer(bytes: (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
        patterns[size] = buffer
        return buffer
    }
}

private let patterns = Mutex([Int: ByteBuffer]())
