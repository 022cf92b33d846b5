// SPDX-License-Identifier: Apache-2.0
// The control socket speaks gRPC like every other socket of a host, with JSON for messages: one transport, one set of rules, and
// any gRPC client can ask.

internal import CatenaChain
internal import CatenaGRPC
internal import FoundationEssentials
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// The methods that commands use on a running host.
enum ControlService {
    static let status = "/catena.Control/Status"
    static let connections = "/catena.Control/Connections"
    /// Connections in one message.
    private static let pieceCount = 1000

    static func methods(_ source: StatusSource) -> GRPCMethods {
        var methods = GRPCMethods()
        methods.handleUnary(status) { call, _ in
            guard let report = source.report() else {
                return _ = call.fail(GRPCStatus(.unavailable, "the host is starting"))
            }
            do {
                call.respond(ByteBuffer(bytes: try JSONEncoder().encode(report)))
            } catch {
                call.fail(GRPCStatus(.internal, "the report cannot be written: \(error)"))
            }
        }
        methods.handleServerStreaming(connections) { call, _ in
            let isServing = source.connections { all in
                call.eventLoop.execute { answer(call, all) }
            }
            if !isServing { call.fail(GRPCStatus(.unavailable, "the host is starting")) }
        }
        return methods
    }

    private static func answer(_ call: ServerCall, _ all: [ConnectionStatus]) {
        do {
            for start in stride(from: 0, to: all.count, by: pieceCount) {
                let piece = ConnectionList(Array(all[start..<min(start + pieceCount, all.count)]))
                call.send(ByteBuffer(bytes: try JSONEncoder().encode(piece)))
            }
            call.finish()
        } catch {
            call.fail(GRPCStatus(.internal, "the list cannot be written: \(error)"))
        }
    }
}

/// Speaks to a running host.
public struct ControlClient: Sendable {
    private let path: String

    /// - Parameter path: the control socket.
    public init(path: String) {
        self.path = path
    }

    /// Asks the host how it is.
    ///
    /// - Throws: when no host answers within 5 s.
    public func status() async throws(HostError) -> StatusReport {
        let client = GRPCClient(target: .unix(path: path), on: MultiThreadedEventLoopGroup.singleton.any())
        let result = await withCheckedContinuation { continuation in
            client.call(ControlService.status, payload: ByteBuffer(), deadline: .now() + .seconds(5)) {
                continuation.resume(returning: $0)
            }
        }
        client.shutdown()
        let payload: ByteBuffer
        switch result {
        case .success(let reply): payload = reply.payload
        case .failure(let error): throw failure(error)
        }
        return try decode(StatusReport.self, payload)
    }

    /// Asks the host for its connections.
    ///
    /// - Throws: when no host answers within 15 s.
    public func connections() async throws(HostError) -> ConnectionList {
        let client = GRPCClient(target: .unix(path: path), on: MultiThreadedEventLoopGroup.singleton.any())
        let pieces = Pieces()
        let result = await withCheckedContinuation { continuation in
            let call = client.stream(
                ControlService.connections, deadline: .now() + .seconds(15),
                events: ClientStreamEvents(
                    onMessage: { piece in pieces.all.withLock { $0.append(piece) } }, onEnd: { continuation.resume(returning: $0) }))
            call.send(ByteBuffer())
            call.finishSending()
        }
        client.shutdown()
        if case .failure(let error) = result { throw failure(error) }
        var list = ConnectionList([])
        for piece in pieces.all.withLock({ $0 }) { list.connections += try decode(ConnectionList.self, piece).connections }
        return list
    }

    private final class Pieces: Sendable {
        let all = Mutex<[ByteBuffer]>([])
    }

    private func failure(_ error: GRPCCallError) -> HostError {
        if error.answeredByServer { return HostError(.unavailable, "the host on \(path) says: \(error.status)") }
        if error.status.code == .deadlineExceeded { return HostError(.unavailable, "the host on \(path) has not answered in time") }
        return HostError(.unavailable, "no host answers on \(path): \(SocketPlace.reasonForSilence(at: path))")
    }

    private func decode<Answer: Decodable>(_ type: Answer.Type, _ payload: ByteBuffer) throws(HostError) -> Answer {
        do {
            return try JSONDecoder().decode(type, from: Data(payload.readableBytesView))
        } catch {
            throw HostError(.unavailable, "the host on \(path) is of another version: its answer cannot be read (\(error))")
        }
    }
}
