// SPDX-License-Identifier: Apache-2.0
// A stream of a next hop behind a socket: its monitor, its health, or only whether it is there. A stream is begun on a connection
// that was made for it, however long the client would have waited after the last failure: whoever listens says how often to try.

internal import CatenaABI
internal import CatenaChain
internal import CatenaGRPC
internal import NIOCore

/// One attempt at one stream. On the client's loop.
final class GRPCWatch: TransportCall, @unchecked Sendable {  // the sentence above
    private let client: GRPCClient
    private let subject: WatchSubject
    private var listener: (any WatchListener)?
    private var stream: ClientStreamCall?
    private var observation: GRPCStateObservation?

    init(_ subject: WatchSubject, over client: GRPCClient, _ listener: any WatchListener) {
        self.subject = subject
        self.client = client
        self.listener = listener
    }

    func begin() {
        client.connect().whenComplete { [self] result in
            guard listener != nil else { return }
            switch result {
            case .success: subject == .presence ? observe() : ask()
            case .failure(let error): end(error as? GRPCStatus ?? GRPCStatus(.unavailable, "\(client.target): \(error)"), isRemote: false)
            }
        }
    }

    func cancel() {
        listener = nil
        stream?.cancel()
        observation?.cancel()
    }

    private func observe() {
        listener?.heard(.complete)
        guard listener != nil else { return }
        observation = client.observeState { [self] state in
            if state != .ready { end(GRPCStatus(.unavailable, "\(client.target): the connection was lost"), isRemote: false) }
        }
    }

    private func ask() {
        let events = ClientStreamEvents(
            onMessage: { [self] payload in hear(payload) },
            onEnd: { [self] result in
                switch result {
                case .success: end(GRPCStatus(.unavailable, "\(client.target) has ended the stream"), isRemote: true)
                case .failure(let error): end(error.status, isRemote: error.answeredByServer)
                }
            })
        let (method, request) = subject.request
        let stream = client.stream(method, events: events)
        stream.send(ByteBuffer(bytes: request))
        stream.finishSending()
        self.stream = stream
    }

    private func hear(_ payload: ByteBuffer) {
        payload.withUnsafeReadableBytes { buffer in
            let bytes = buffer.bindMemory(to: UInt8.self).span
            do throws(MessageError) {
                switch subject {
                case .connections: try ConnectionEventReader.read(bytes) { listener?.heard($0) }
                case .health: listener?.heard(.health(isServing: try HealthAnswer.isServing(bytes)))
                case .presence: break
                }
            } catch {
                // Its own end is not heard any more.
                end(GRPCStatus(.internal, "\(client.target): \(subject.request.method) sent what cannot be read: \(error)"), isRemote: false)
                stream?.cancel()
            }
        }
    }

    private func end(_ status: GRPCStatus, isRemote: Bool) {
        guard let listener else { return }
        self.listener = nil
        observation?.cancel()
        listener.ended(
            TransportFailure(code: catena_status(status.code.rawValue), text: status.message, isRemote: isRemote, isIndefinite: false))
    }
}

extension WatchSubject {
    /// The method that tells of it, and what is sent there.
    fileprivate var request: (method: String, message: [UInt8]) {
        var writer = WireWriter()
        switch self {
        case .connections(let segment, let id):
            // MonitorScopeSelector.path_segments: a run of the path, in which an empty text is any.
            writer.message(1) { path in
                path.text(1, Array(segment.utf8).span)
                path.text(2, Array((id ?? "").utf8).span)
            }
            return (MethodPath.monitorConnections, writer.bytes)
        case .health(let service):
            writer.text(1, Array(service.utf8).span)
            return (MethodPath.healthWatch, writer.bytes)
        case .presence: return ("", [])
        }
    }
}

/// A `grpc.health.v1.HealthCheckResponse`.
enum HealthAnswer {
    private static let serving: UInt64 = 1

    static func isServing(_ bytes: Span<UInt8>) throws(MessageError) -> Bool {
        var status: UInt64 = 0
        var reader = WireReader(0..<bytes.count, of: .request)
        while let field = try reader.next(in: bytes) {
            if field.number == 1, field.type == .varint { status = bytes.number(in: field.contents) }
        }
        return status == serving
    }
}
