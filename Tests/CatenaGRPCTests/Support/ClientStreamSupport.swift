// SPDX-License-Identifier: Apache-2.0
// Streaming methods to call, and the events of a call as something that a test can wait for.
import CatenaGRPC
import NIOCore
import Synchronization

extension GRPCMethods {
    /// `/t/Chat` answers each message with itself; `/t/Count` sends as many messages as its own says, of the length it says, as fast
    /// as they are read; `/t/Sum` answers with the number of messages and of bytes. `written` counts the bytes of `/t/Count`.
    static func streaming(written: Atomic64 = Atomic64(), read: Atomic64 = Atomic64()) -> GRPCMethods {
        var methods = GRPCMethods.standard()
        methods.handleStreaming("/t/Chat") { call in
            if !call.metadata.isEmpty { call.sendMetadata(call.metadata) }
            call.onMessage({ call.send($0) }, end: { call.finish(trailers: call.metadata) })
        }
        methods.handleServerStreaming("/t/Count") { call, payload in
            var payload = payload
            var left = payload.readInteger(as: UInt32.self) ?? 0
            let size = Int(payload.readInteger(as: UInt32.self) ?? 0)
            let total = left
            let write = {
                while left > 0, call.isReady {
                    var message = ByteBuffer(integer: total - left)
                    message.writeRepeatingByte(0, count: max(0, size - 4))
                    written.add(message.readableBytes)
                    call.send(message)
                    left -= 1
                }
                if left == 0 { call.finish() }
            }
            call.onReady(write)
            write()
        }
        methods.handleStreaming("/t/Sum") { call in
            var messages: UInt32 = 0
            var bytes: UInt32 = 0
            call.onMessage(
                {
                    messages += 1
                    bytes += UInt32($0.readableBytes)
                    read.add($0.readableBytes)
                },
                end: {
                    var answer = ByteBuffer(integer: messages)
                    answer.writeInteger(bytes)
                    call.respond(answer)
                })
        }
        return methods
    }

    static func count(_ messages: Int, of size: Int) -> ByteBuffer {
        var payload = ByteBuffer(integer: UInt32(messages))
        payload.writeInteger(UInt32(size))
        return payload
    }
}

/// A number that several threads add to.
final class Atomic64: Sendable {
    private let number = Atomic(0)
    func add(_ count: Int) { number.add(count, ordering: .relaxed) }
    var value: Int { number.load(ordering: .relaxed) }
}

/// What a streaming call has told, in its order.
final class StreamLog: Sendable {
    enum Event: Sendable, Equatable {
        case metadata(GRPCMetadata)
        case message(ByteBuffer)
        case ready
        case end(GRPCStatus.Code)
    }

    let events: AsyncStream<Event>
    private let report: AsyncStream<Event>.Continuation
    let result = Mutex<Result<GRPCMetadata, GRPCCallError>?>(nil)

    init() { (events, report) = AsyncStream.makeStream() }

    var handlers: ClientStreamEvents {
        ClientStreamEvents(
            onMetadata: { [report] in report.yield(.metadata($0)) }, onMessage: { [report] in report.yield(.message($0)) },
            onReady: { [report] in report.yield(.ready) },
            onEnd: { [report, self] result in
                self.result.withLock { $0 = result }
                if case .failure(let error) = result { report.yield(.end(error.status.code)) } else { report.yield(.end(.ok)) }
                report.finish()
            })
    }

    /// The next event; nil after the end.
    func next() async -> Event? { await events.first { _ in true } }

    /// The next message; nil when the call ends before it.
    func message() async -> ByteBuffer? {
        while let event = await next() {
            if case .message(let message) = event { return message }
        }
        return nil
    }

    /// All events to the end, but for those that say "ready".
    func rest() async -> [Event] { await events.reduce(into: []) { if $1 != .ready { $0.append($1) } } }

    var error: GRPCCallError? { result.withLock { if case .failure(let error) = $0 { error } else { nil } } }
    var trailers: GRPCMetadata? { result.withLock { try? $0?.get() } }
}
