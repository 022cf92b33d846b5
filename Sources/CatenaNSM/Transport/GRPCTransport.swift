// SPDX-License-Identifier: Apache-2.0
// A next hop behind a socket. A call of the engine becomes one call of the gRPC client, and its end is told in the engine's
// terms: what the next hop said itself, and what only happened on the way.

internal import CatenaABI
internal import CatenaChain
internal import CatenaGRPC
internal import NIOCore

/// A transport over gRPC: one client for each loop, so that no call leaves the loop it is on. Each connects when it is first used.
final class GRPCTransport: Transport {
    private let clients: [GRPCClient]
    private let waitForReady: Bool

    /// - Parameter loops: the engine's, in its order; a call from another thread goes over one of them all the same.
    init(_ target: GRPCAddress, on loops: [any EventLoop], options: TransportOptions) {
        waitForReady = options.waitForReady
        let configuration = GRPCClientConfiguration(options)
        clients = loops.map { GRPCClient(target: target, on: $0, configuration: configuration) }
    }

    /// The best that any of the clients can say: one that is connected shows that the next hop is there.
    var state: UInt32 {
        // Asked for each call, and nearly always answered by the first client.
        if clients.contains(where: { $0.state == .ready }) { return CATENA_TRANSPORT_READY }
        if clients.contains(where: { $0.state == .connecting }) { return CATENA_TRANSPORT_CONNECTING }
        return clients.contains { $0.state != .idle } ? CATENA_TRANSPORT_FAILING : CATENA_TRANSPORT_IDLE
    }

    func call(
        _ verb: Verb, message: OpaquePointer, deadline: UInt64, home: Home, completion: TransportCompletion
    ) -> any TransportCall {
        let isRequest = verb.isRequest
        let payload = Message.lent(message) { isRequest ? $0.sharedRequestBytes : $0.sharedConnectionBytes }.payload
        let call = NextHopCall(
            verb, over: clients[home.number % clients.count], payload, deadline: deadline == 0 ? nil : .uptimeNanoseconds(deadline),
            waitForReady: waitForReady, completion)
        call.begin()
        return call
    }

    func watch(_ subject: WatchSubject, home: Home, listener: any WatchListener) -> (any TransportCall)? {
        let watch = GRPCWatch(subject, over: clients[home.number % clients.count], listener)
        watch.begin()
        return watch
    }

    func close() {
        for client in clients { client.shutdown() }
    }
}

extension GRPCClientConfiguration {
    /// What an element has asked for, in the client's terms.
    init(_ options: TransportOptions) {
        self.init()
        // Longer than any machine runs, and short enough that a deadline can be reckoned with it.
        let longest: UInt64 = 100 * 365 * 86_400 * 1_000_000_000
        let span = { (span: UInt64) in TimeAmount.nanoseconds(Int64(min(span, longest))) }
        connectTimeout = span(options.dialTimeout)
        keepalive = options.keepalive.map { GRPCKeepalive(time: span($0), timeout: span(options.keepaliveTimeout)) }
        maxMessageSize = options.maxMessageSize
        backoff.initial = span(options.backoff)
        backoff.maximum = span(options.backoffMax)
        userAgent = "catena"
    }
}

/// One call to a next hop. The engine holds it as what cancels the call, so it is also what is told of the end.
private final class NextHopCall: UnaryCall, TransportCall, @unchecked Sendable {  // what it has of its own never changes
    private let verb: Verb
    private let completion: TransportCompletion

    init(
        _ verb: Verb, over client: GRPCClient, _ payload: GRPCPayload, deadline: NIODeadline?, waitForReady: Bool,
        _ completion: TransportCompletion
    ) {
        self.verb = verb
        self.completion = completion
        super.init(
            client, verb.isRequest ? MethodPath.request : MethodPath.close, payload: payload, deadline: deadline, waitForReady: waitForReady)
    }

    override func succeeded(_ message: Span<UInt8>) {
        guard verb.isRequest else { return completion(.success(nil)) }
        do throws(MessageError) {
            completion(.success(try Message(connection: message).owned()))
        } catch {
            let text = "\(client.target): the answer is not a Connection: \(error)"
            completion(.failure(TransportFailure(code: CATENA_INTERNAL, text: text, isRemote: false, isIndefinite: true)))
        }
    }

    override func failed(_ error: GRPCCallError) {
        let text = error.status.message
        let isNamed = error.answeredByServer || text.hasPrefix("\(client.target)")
        let code = catena_status(error.status.code.rawValue)
        completion(
            .failure(
                TransportFailure(
                    code: code, text: isNamed ? text : "\(client.target): \(text)", isRemote: error.answeredByServer,
                    isIndefinite: error.answeredByServer ? TransportFailure.isIndefinite(code) : error.mayHaveBeenProcessed)))
    }
}
