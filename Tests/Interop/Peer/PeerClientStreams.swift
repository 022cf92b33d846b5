// SPDX-License-Identifier: Apache-2.0
// The three kinds of streaming call from the client's side, each with the ways in which a scenario wants it to falter.

import CatenaGRPC
import NIOCore

struct PeerClientStreams: Sendable {
    let client: GRPCClient
    let counters: PeerCounters

    /// Reads a stream of messages; it can stop reading for a while after some, or leave.
    func download(_ command: Command) throws {
        let request = try PeerRequest(command)
        let expected = pattern(command.size ?? 0)
        run(command, "Download", request) { run in
            _ = run.call?.send(ByteBuffer(string: "\(command.count ?? 0) \(command.size ?? 0) \(command.code ?? 0)"))
            run.call?.finishSending()
        } message: { run, message in
            run.received(message, expected: expected)
            if run.answer.count == command.cancelAfter { run.call?.cancel() }
            guard let pause = command.pause, run.answer.count == command.pauseAfter else { return }
            run.call?.pauseReading()
            client.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(pause))) { run.call?.resumeReading() }
        }
    }

    /// Sends messages as long as the server takes them, and reads the one answer.
    func upload(_ command: Command) throws {
        let request = try PeerRequest(command)
        let message = pattern(command.size ?? 0)
        run(command, "Upload", request) { run in
            while run.sent < command.count ?? 0, run.call?.isReady == true, run.call?.send(message) == true {
                run.sent += 1
                counters.add("sent", message.readableBytes)
            }
            if run.sent == command.count ?? 0 { run.finishSending() }
        } message: { run, message in
            run.answer.payload = String(buffer: message)
        }
    }

    /// Sends a message and waits for its echo, so many times.
    func chat(_ command: Command) throws {
        let request = try PeerRequest(command)
        let message = pattern(command.size ?? 0)
        @Sendable func next(_ run: StreamRun) {
            guard run.sent == run.answer.count else { return }
            guard run.sent < command.count ?? 0 else { return run.finishSending() }
            run.sent += 1
            _ = run.call?.send(message)
        }
        run(command, "Chat", request) { run in
            next(run)
        } message: { run, echo in
            run.received(echo, expected: message)
            next(run)
        }
    }

    /// Begins a call. `go` runs when it has begun, and whenever more may be sent.
    private func run(
        _ command: Command, _ method: String, _ request: PeerRequest, go: @escaping @Sendable (StreamRun) -> Void,
        message: @escaping @Sendable (StreamRun, ByteBuffer) -> Void
    ) {
        client.eventLoop.execute {
            let run = StreamRun(id: command.id)
            run.call = client.stream(
                "/interop.Peer/" + method, metadata: request.metadata, deadline: request.deadline, waitForReady: command.wait ?? false,
                events: ClientStreamEvents(
                    onMetadata: { run.answer.metadata = $0.pairs }, onMessage: { message(run, $0) }, onReady: { go(run) },
                    onEnd: { run.end($0) }))
            go(run)
        }
    }
}

/// One such call. Unchecked because it is made and used on the client's loop only.
final class StreamRun: @unchecked Sendable {
    var call: ClientStreamCall?
    var answer: Answer
    var sent = 0
    private var isSendingFinished = false
    private let began = NIODeadline.now()

    init(id: Int) { answer = Answer(id: id, size: 0, intact: true, count: 0) }

    func received(_ message: ByteBuffer, expected: ByteBuffer) {
        answer.count = (answer.count ?? 0) + 1
        answer.size = (answer.size ?? 0) + message.readableBytes
        if message != expected { answer.intact = false }
    }

    func finishSending() {
        guard !isSendingFinished else { return }
        isSendingFinished = true
        call?.finishSending()
    }

    func end(_ result: Result<GRPCMetadata, GRPCCallError>) {
        call = nil
        answer.took = (NIODeadline.now() - began).milliseconds
        switch result {
        case .success(let trailers):
            answer.code = 0
            answer.trailers = trailers.pairs
        case .failure(let error):
            answer.code = error.status.code.rawValue
            answer.message = error.status.message
            answer.trailers = error.trailers.pairs
        }
        Lines.write(answer)
    }
}
