// SPDX-License-Identifier: Apache-2.0
// The unary call of those who want all of the answer, at a time of their own: a closure gets it as values that can be kept.
internal import NIOCore

/// A call that ``GRPCClient/call(_:payload:metadata:deadline:waitForReady:completion:)`` began.
///
/// Unchecked because all of it is touched on the client's loop only.
final class CompletedCall: UnaryCall, @unchecked Sendable {
    typealias Completion = @Sendable (Result<GRPCReply, GRPCCallError>) -> Void

    /// Let go of when it has run: its owner may hold the call.
    private var completion: Completion?
    private var responseMetadata = GRPCMetadata()

    init(
        _ client: GRPCClient, _ method: String, payload: GRPCPayload, metadata: GRPCMetadata, deadline: NIODeadline?,
        waitForReady: Bool, completion: @escaping Completion
    ) {
        self.completion = completion
        super.init(client, method, payload: payload, metadata: metadata, deadline: deadline, waitForReady: waitForReady)
    }

    override func responseBegan(_ head: ResponseHead) { responseMetadata = head.metadata }

    override func tell(_ result: Result<GRPCMetadata, GRPCCallError>) {
        guard let completion = completion.take() else { return }
        switch result {
        case .success(let trailers):
            let payload = takeMessage().buffer(&client.spareBuffer)
            completion(.success(GRPCReply(payload: payload, metadata: responseMetadata, trailers: trailers)))
            client.spareBuffer.put(payload)
        case .failure(let error): completion(.failure(error))
        }
    }
}
