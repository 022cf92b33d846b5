// SPDX-License-Identifier: Apache-2.0
// The kind of call with one message each way: no queue, no back-pressure, and the message is kept until the call ends, so it can
// always be begun again.
internal import NIOCore

/// A call that ``GRPCClient/call(_:payload:metadata:deadline:waitForReady:completion:)`` began.
///
/// Unchecked because the request never changes, and everything else is touched on the client's loop only.
final class UnaryCall: ClientCall, @unchecked Sendable {
    typealias Completion = @Sendable (Result<GRPCReply, GRPCCallError>) -> Void

    private let payload: GRPCPayload
    /// Let go of when it has run: its owner may hold the call.
    private var completion: Completion?
    @safe @exclusivity(unchecked) private var responseMetadata = GRPCMetadata()
    @safe @exclusivity(unchecked) private var message: ByteBuffer?

    init(
        client: GRPCClient, method: String, payload: GRPCPayload, metadata: GRPCMetadata, deadline: NIODeadline?, waitForReady: Bool,
        completion: @escaping Completion
    ) {
        self.payload = payload
        self.completion = completion
        super.init(client: client, method: method, metadata: metadata, deadline: deadline, waitForReady: waitForReady)
    }

    override func attach(_ stream: ClientStream) {
        stream.outbound.append(client.encoding.outbound(payload))
        stream.outbound.end()
    }

    override func received(_ metadata: GRPCMetadata) { responseMetadata = metadata }

    override func received(_ message: ByteBuffer) -> GRPCStatus? {
        guard self.message == nil else {
            return GRPCStatus(.unimplemented, "a unary call is answered with one message, the response had more")
        }
        self.message = message
        return nil
    }

    override var shortfall: GRPCStatus? {
        message == nil ? GRPCStatus(.unimplemented, "a unary call is answered with one message, the response had none") : nil
    }

    override func tell(_ result: Result<GRPCMetadata, GRPCCallError>) {
        guard let completion = completion.take() else { return }
        switch result {
        case .success(let trailers):
            let payload = message.take() ?? ByteBuffer()
            completion(.success(GRPCReply(payload: payload, metadata: responseMetadata, trailers: trailers)))
            client.spareBuffer.put(payload)
        case .failure(let error): completion(.failure(error))
        }
    }
}
