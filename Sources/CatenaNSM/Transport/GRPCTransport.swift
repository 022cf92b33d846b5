// SPDX-License-Identifier: Apache-2.0
// A next hop behind a socket. A call of the engine becomes one call of the gRPC client, and its end is told in the engine's
// terms: what the next hop said itself, and what only happened on the way.

internal import CatenaABI
internal import CatenaChain
internal import CatenaGRPC
internal import NIOCore

/// A transport over one gRPC client.
final class GRPCTransport: Transport {
    private let client: GRPCClient

    init(_ target: GRPCAddress, on eventLoop: any EventLoop, dialTimeout: UInt64) {
        var configuration = GRPCClientConfiguration()
        configuration.connectTimeout = .nanoseconds(Int64(clamping: dialTimeout))
        configuration.userAgent = "catena"
        client = GRPCClient(target: target, on: eventLoop, configuration: configuration)
    }

    var state: UInt32 {
        switch client.state {
        case .idle: CATENA_TRANSPORT_IDLE
        case .connecting: CATENA_TRANSPORT_CONNECTING
        case .ready: CATENA_TRANSPORT_READY
        case .failing, .retired: CATENA_TRANSPORT_FAILING
        }
    }

    func call(
        _ verb: Verb, message: OwnedMessage, deadline: UInt64, home: Home, completion: TransportCompletion
    ) -> any TransportCall {
        let isRequest = verb == .request
        let message = Message.borrowed(message.pointer)
        let payload = isRequest ? message.withRequestBytes { ByteBuffer(copying: $0) } : message.withConnectionBytes { ByteBuffer(copying: $0) }
        return client.call(
            isRequest ? MethodPath.request : MethodPath.close, payload: payload,
            deadline: deadline == 0 ? nil : .uptimeNanoseconds(deadline)
        ) { [client] result in
            completion(GRPCTransport.answer(result, isRequest: isRequest, client))
        }
    }

    func close() {
        client.shutdown()
    }

    private static func answer(_ result: Result<GRPCReply, GRPCCallError>, isRequest: Bool, _ client: GRPCClient) -> TransportAnswer {
        switch result {
        case .success(let reply):
            guard isRequest else { return .success(nil) }
            do throws(MessageError) {
                return .success(try Message(connection: reply.payload.readableBytesUInt8Span).owned())
            } catch {
                return .failure(
                    TransportFailure(
                        code: CATENA_INTERNAL, text: "\(client.target): the answer is not a Connection: \(error)", isRemote: false, isIndefinite: true))
            }
        case .failure(let error):
            let text = error.status.message
            let target = "\(client.target)"
            let isNamed = error.answeredByServer || text.hasPrefix(target)
            let code = catena_status(error.status.code.rawValue)
            return .failure(
                TransportFailure(
                    code: code, text: isNamed ? text : "\(target): \(text)", isRemote: error.answeredByServer,
                    isIndefinite: error.answeredByServer ? TransportFailure.isIndefinite(code) : error.mayHaveBeenProcessed))
        }
    }
}

extension ClientCall: TransportCall {}
