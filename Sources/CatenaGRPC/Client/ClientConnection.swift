// SPDX-License-Identifier: Apache-2.0
// One connection of a client, from the dial to the last stream: it opens streams as the peer's limit allows and keeps the rest in a
// queue of our own, where a deadline or a cancellation costs nothing and a GOAWAY loses nothing.
internal import NIOCore

/// A client's side of one connection. Used on the client's loop only.
final class ClientConnection: HTTP2ConnectionDelegate {
    let target: GRPCAddress
    /// Why the connection ended; meaningful when ``isLost``.
    private(set) var closeReason = "the server closed the connection"
    private(set) var isLost = false
    /// Closed from our side; a channel that still comes is not wanted.
    private(set) var isAbandoned = false

    private let client: GRPCClient
    private let configuration: GRPCClientConfiguration
    private var http2: HTTP2Connection?
    private var isOpened = false
    private var isReady = false
    private var queue = CircularBuffer<ClientCall>()
    private let headers = HeaderBlock()
    /// Memory for the next message.
    var spareBuffer = SpareBuffer()

    init(client: GRPCClient) {
        self.client = client
        target = client.target
        configuration = client.configuration
    }

    /// Makes the handler for the channel that is being connected.
    ///
    /// - Throws: ``HTTP2SessionError`` when nghttp2 has no memory.
    func makeHandler(for channel: any Channel) throws(HTTP2SessionError) -> HTTP2Connection {
        let http2 = try HTTP2Connection(
            role: .client, settings: HTTP2Settings(), limits: HTTP2ConnectionLimits(), channel: channel, delegate: self)
        self.http2 = http2
        return http2
    }

    // MARK: Calls

    /// Carries `call`, now or when the peer allows another stream.
    func start(_ call: ClientCall) {
        queue.append(call)
        startQueued()
    }

    private func startQueued() {
        guard let session = http2?.session else { return }
        while session.streamCount < session.peerMaxConcurrentStreams, let call = queue.popFirst() {
            guard !call.isEnded else { continue }
            let stream = ClientStream(call: call, connection: self, limits: configuration)
            do throws(HTTP2SessionError) {
                try session.submitRequest(requestHeaders(call), stream)
                call.stream = stream
            } catch {
                // The stream ids are used up, after 2^30 calls: the rest goes to a new connection.
                queue.prepend(call)
                drainRequested()
                return
            }
        }
        http2?.setNeedsFlush()
    }

    /// The fields in the order of gRPC PROTOCOL-HTTP2, "Requests".
    private func requestHeaders(_ call: ClientCall) -> HeaderBlock {
        headers.removeAll()
        headers.append(":method", "POST")
        headers.append(":scheme", "http")
        headers.append(":path", call.method)
        headers.append(":authority", target.authority)
        headers.append("te", "trailers")
        if let deadline = call.deadline { headers.append("grpc-timeout", GRPCTimeout.encode(deadline - .now())) }
        headers.append("content-type", "application/grpc")
        headers.append("user-agent", configuration.userAgent)
        headers.append(call.metadata)
        return headers
    }

    func reset(_ stream: ClientStream, _ code: HTTP2ErrorCode) {
        http2?.session.reset(stream, code)
        http2?.setNeedsFlush()
    }

    func streamClosed(_ stream: ClientStream) {
        guard !isLost, !queue.isEmpty else { return }
        startQueued()
    }

    // MARK: Connection

    func connectionOpened() { isOpened = true }

    func newStream(id: Int32) -> HTTP2Stream? { nil }

    /// The first SETTINGS show that a server is at the other end, and how many streams it takes.
    func peerSettingsChanged() {
        if isReady {
            startQueued()
        } else {
            isReady = true
            client.connectionReady(self)
        }
    }

    func goAwayReceived(lastStreamID: Int32, code: HTTP2ErrorCode, debugData: String) {
        closeReason = "the server ended the connection (\(code)\(debugData.isEmpty ? "" : ": \(debugData)"))"
        leave()
    }

    func pingAcknowledged(_ purpose: PingPurpose) {}

    func recycle(_ stream: HTTP2Stream) {}

    /// Takes no more calls; closes when the open ones have ended.
    func drainRequested() {
        http2?.session.submitGoAway(.noError)
        http2?.setNeedsFlush()
        leave()
    }

    /// Gives the calls that wait here back to the client, which begins them elsewhere, once.
    private func leave() {
        let waiting = queue
        queue.removeAll()
        client.connectionDraining(self)
        for call in waiting where !call.isEnded && !call.beginAgain() {
            let status = GRPCStatus(.unavailable, "\(target): \(closeReason)")
            call.finish(.failure(GRPCCallError(status: status, mayHaveBeenProcessed: false)))
        }
    }

    /// Cuts the connection; its calls are told.
    func close(reason: String) {
        closeReason = reason
        isAbandoned = true
        http2?.close(reason: reason)
    }

    func connectionLost() {
        isLost = true
        if let reason = http2?.closeReason { closeReason = reason }
    }

    func connectionClosed(reason: String) {
        http2 = nil
        leave()
        // A channel that never opened is reported by the attempt to connect it, which knows why.
        if isOpened { client.connectionClosed(self) }
    }
}
