// SPDX-License-Identifier: Apache-2.0
// The control socket speaks gRPC like every other socket of a host, with JSON for messages: one transport, one set of rules, and
// any gRPC client can ask.

internal import CatenaGRPC
internal import FoundationEssentials
internal import NIOCore
internal import NIOPosix

/// The methods that commands use on a running host.
enum ControlService {
    static let status = "/catena.Control/Status"

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
        return methods
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
        case .failure(let error):
            if error.answeredByServer { throw HostError(.unavailable, "the host on \(path) says: \(error.status)") }
            if error.status.code == .deadlineExceeded { throw HostError(.unavailable, "the host on \(path) has not answered within 5 s") }
            throw HostError(.unavailable, "no host answers on \(path): \(SocketPlace.reasonForSilence(at: path))")
        }
        do {
            return try JSONDecoder().decode(StatusReport.self, from: Data(payload.readableBytesView))
        } catch {
            throw HostError(.unavailable, "the host on \(path) is of another version: its report cannot be read (\(error))")
        }
    }
}
