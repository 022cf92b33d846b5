// SPDX-License-Identifier: Apache-2.0
// What a handler was told about one call, held against what it may be told: an answer or a cancellation, once; messages before their
// end; and a "no" to what comes too late.

import NIOCore

@testable import CatenaGRPC

/// A call that a handler of a ``FuzzedServer`` has.
///
/// Unchecked because all of it runs on the one thread of an embedded loop.
final class HandledCall: @unchecked Sendable {
    /// More than the peer's windows take at once.
    static let big = ByteBuffer(repeating: 0x2a, count: 150_000)
    /// What one call may send, so that a script cannot make memory its subject.
    private static let maxSends = 40

    let call: ServerCall
    /// Answers from inside the cancellation.
    var answersItsCancellation = false
    private var isLastChance = false
    private(set) var broken: [String] = []
    private(set) var messages = 0
    private let maxMessageSize: Int
    private var isAnswered = false
    private var cancellations = 0
    private var isHeadSent = false
    private var isRead = false
    private var ends = 0
    private var sends = 0

    init(_ call: ServerCall, maxMessageSize: Int) {
        self.call = call
        self.maxMessageSize = maxMessageSize
        call.onCancel { [unowned self] reason in cancelled(reason) }
    }

    private var isOver: Bool { isAnswered || cancellations > 0 }

    // MARK: In

    func received(_ payload: ByteBuffer) {
        messages += 1
        if payload.readableBytes > maxMessageSize { broken.append("\(call.method) got a message of \(payload.readableBytes) bytes") }
        if isOver { broken.append("\(call.method) got a message after its end") }
        if ends > 0 { broken.append("\(call.method) got a message after the last") }
    }

    /// Says who gets the messages; once, as the call asks for.
    func read(_ message: @escaping (HandledCall, ByteBuffer) -> Void, end: @escaping (HandledCall) -> Void) {
        guard !isRead else { return }
        isRead = true
        call.onMessage { [unowned self] payload in
            received(payload)
            message(self, payload)
        } end: { [unowned self] in
            ends += 1
            if ends > 1 || isOver { broken.append("\(call.method) was told of the end of the request again, or too late") }
            end(self)
        }
    }

    // MARK: Out

    func respond(_ payload: ByteBuffer, trailers: GRPCMetadata = GRPCMetadata()) { answered(call.respond(payload, trailers: trailers)) }
    func fail() { answered(call.fail(GRPCStatus(.aborted, "größer als 100 %\n"))) }
    func finishCall() { answered(call.finish()) }

    private func answered(_ isTaken: Bool) {
        taken(isTaken, "answer")
        if isTaken { isAnswered = true }
    }

    func sendMetadata() {
        let isTaken = call.sendMetadata(GRPCMetadata())
        if isTaken || !isHeadSent { taken(isTaken, "head") }
        if isTaken, isHeadSent { broken.append("\(call.method) took two heads") }
        isHeadSent = isHeadSent || isTaken
    }

    func send(_ payload: ByteBuffer) {
        guard sends < Self.maxSends else { return }
        sends += 1
        let isTaken = call.send(payload)
        taken(isTaken, "message")
        isHeadSent = isHeadSent || isTaken
    }

    /// Stops reading while the client does not read.
    func sendAndWait(_ payload: ByteBuffer) {
        send(payload)
        guard !call.isReady else { return }
        call.pauseReading()
        call.onReady { [unowned self] in
            if !call.isReady { broken.append("\(call.method) was told that it is ready, and is not") }
            call.resumeReading()
        }
    }

    private func taken(_ isTaken: Bool, _ what: String) {
        if isTaken, isAnswered { broken.append("\(call.method) took another \(what) after its answer") }
        if isTaken, cancellations > 0, !isLastChance { broken.append("\(call.method) took its \(what) after it was cancelled") }
        if !isTaken, !isOver || isLastChance && !isAnswered { broken.append("\(call.method) took no \(what), and was not over") }
    }

    // MARK: End

    private func cancelled(_ reason: ServerCancellation) {
        cancellations += 1
        if isAnswered { broken.append("\(call.method) was cancelled (\(reason)) after it was answered") }
        if cancellations > 1 { broken.append("\(call.method) was cancelled twice") }
        // A deadline that passes leaves the handler this moment for an answer of its own.
        isLastChance = reason == .deadlineExceeded
        if answersItsCancellation { respond(ByteBuffer(string: "too late")) }
        isLastChance = false
    }

    /// The connection is gone.
    func finish() {
        if !isOver { broken.append("\(call.method) was neither answered nor cancelled") }
        answered(call.respond(ByteBuffer()))
        if call.isReady { broken.append("\(call.method) is ready for more after its end") }
    }
}
