// SPDX-License-Identifier: Apache-2.0
// One connection of a client, from the dial to the last stream: it opens streams as the peer's limit allows and keeps the rest in a
// queue of our own, where a deadline or a cancellation costs nothing and a GOAWAY loses nothing.
internal import NIOCore

/// A client's side of one connection. Used on the client's loop only.
@safe final class ClientConnection: HTTP2ConnectionDelegate {
    /// A connection that was ready for longer than this and carried no call was good all the same.
    private static let longEnough = TimeAmount.seconds(1)

    let target: GRPCAddress
    /// What messages are compressed with.
    let encoding: MessageEncoding
    /// Why the connection ended; meaningful when ``isLost``.
    private(set) var closeReason = "the server closed the connection"
    private(set) var isLost = false
    /// Closed from our side; a channel that still comes is not wanted.
    private(set) var isAbandoned = false

    let client: GRPCClient
    let maxMetadataSize: Int
    let maxMessageSize: Int
    private let configuration: GRPCClientConfiguration
    private var http2: HTTP2Connection? { didSet { unsafe lent = http2.map(Unmanaged.passUnretained) } }
    /// `http2` for what submits and schedules, which cannot end the connection: nothing need be counted for it.
    @safe @exclusivity(unchecked) private var lent: Unmanaged<HTTP2Connection>?
    private var isOpened = false
    private var readySince: NIODeadline?
    /// Takes no more calls.
    private var hasLeft = false
    /// A call has been sent.
    private var hasCarried = false
    private var queue = WaitingCalls()
    private var peerLimit = 0
    private var allowance = StreamAllowance()
    private var pauseTimer: Scheduled<Void>?
    private var headers: RequestHeaders

    init(client: GRPCClient) {
        self.client = client
        target = client.target
        encoding = client.encoding
        configuration = client.configuration
        maxMetadataSize = configuration.maxMetadataSize
        maxMessageSize = configuration.maxMessageSize
        headers = RequestHeaders(client.target, client.configuration)
    }

    /// Makes the handler for the channel that is being connected.
    ///
    /// - Throws: ``HTTP2SessionError`` when nghttp2 has no memory.
    func makeHandler(for channel: any Channel) throws(HTTP2SessionError) -> HTTP2Connection {
        var settings = HTTP2Settings()
        settings.maxHeaderListSize = UInt32(clamping: configuration.maxMetadataSize)
        var limits = HTTP2ConnectionLimits()
        limits.keepalive = configuration.keepalive
        let http2 = try HTTP2Connection(role: .client, settings: settings, limits: limits, channel: channel, delegate: self)
        self.http2 = http2
        return http2
    }

    // MARK: Connection

    func connectionOpened() { isOpened = true }

    func makeStream() -> HTTP2Stream? { nil }

    /// The first SETTINGS show that a server is at the other end, and how many streams it takes.
    func peerSettingsChanged() {
        guard !hasLeft, let session = http2?.session else { return }
        peerLimit = session.peerMaxConcurrentStreams
        if readySince != nil {
            startQueued()
        } else {
            readySince = .now()
            client.connectionReady(self)
        }
    }

    func goAwayReceived(lastStreamID: Int32, code: HTTP2ErrorCode, debugData: String) {
        closeReason = "the server ended the connection (\(code)\(debugData.isEmpty ? "" : ": \(debugData)"))"
        leave()
    }

    func pingAcknowledged(_ purpose: PingPurpose) {
        if purpose == .keepalive { http2?.keepalive?.answered() }
    }

    /// Takes no more calls; closes when the open ones have ended.
    func drainRequested() {
        http2?.session.submitGoAway(.noError)
        http2?.setNeedsFlush()
        leave()
    }

    /// Gives the calls that wait here back to the client, which begins them elsewhere.
    private func leave() {
        guard !hasLeft else { return }
        hasLeft = true
        pauseTimer?.cancel()
        pauseTimer = nil
        client.connectionLeft(self)
        for call in queue.takeAll() { client.begin(call) }
    }

    /// The connection was of use to someone, or would have been: whatever ended it is no reason to wait before the next.
    var wasUseful: Bool {
        if hasCarried { return true }
        if let readySince, .now() - readySince > Self.longEnough { return true }
        return http2?.session.streams.contains { $0.headersSent } ?? false
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
        // Streams that were not sent are told next, and their calls begin elsewhere.
        leave()
    }

    func connectionClosed(reason: String) {
        http2 = nil
        // A channel that never opened is reported by the attempt to connect it, which knows why.
        if isOpened { client.connectionClosed(self) }
    }
}

// MARK: - Calls

extension ClientConnection {
    /// Carries `call`, now or when the peer allows another stream.
    func start(_ call: ClientCall) {
        guard let http2 = lent else { return queue.append(call) }
        unsafe http2._withUnsafeGuaranteedRef { http2 in
            if queue.isEmpty, hasRoom(http2) { submit(call, http2) } else { queue.append(call) }
            http2.setNeedsFlush()
        }
    }

    private func hasRoom(_ http2: HTTP2Connection) -> Bool {
        !allowance.isPaused && http2.session.streamCount < min(peerLimit, allowance.limit)
    }

    private func startQueued() {
        guard !queue.isEmpty, let http2 else { return }
        while hasRoom(http2), let call = queue.popFirst() { submit(call, http2) }
        http2.setNeedsFlush()
    }

    private func submit(_ call: ClientCall, _ http2: HTTP2Connection) {
        let session = http2.session
        // Every stream of this session is one of ours; a checked cast would cost a look-up for each call.
        let stream = unsafe session.takeSpare() ?? Unmanaged.passRetained(ClientStream(connection: self))
        unsafe stream._withUnsafeGuaranteedRef { unsafe unsafeDowncast($0, to: ClientStream.self).carry(call) }
        do throws(HTTP2SessionError) {
            let block = headers.block(for: call)
            try unsafe session.submitRequest(block.all, stream)
            withExtendedLifetime(block) {}
        } catch {
            // The stream ids are used up, after 2^30 calls: this and the rest goes to a new connection.
            closeReason = "HTTP/2 session failed: \(error)"
            if call.leaveStream(counts: true) { queue.prepend(call) } else { call.fail(unavailable) }
            drainRequested()
        }
    }

    private var unavailable: GRPCStatus { GRPCStatus(.unavailable, "\(target): \(closeReason)") }

    /// Begins a call again that the server did not begin: behind those that wait here, or elsewhere when this connection has left.
    ///
    /// - Returns: false when the call has had its chances.
    func beginAgain(_ call: ClientCall, wasSent: Bool) -> Bool {
        guard call.leaveStream(counts: wasSent || !hasLeft) else { return false }
        if hasLeft { client.begin(call) } else { queue.append(call) }
        return true
    }

    func streamClosed(_ stream: ClientStream, isRefused: Bool) {
        if stream.headersSent { hasCarried = true }
        guard !hasLeft else { return }
        if isRefused {
            if let http2 { pause(for: allowance.refused(open: http2.session.streamCount)) }
        } else {
            allowance.endedWell(peerLimit: peerLimit)
        }
        startQueued()
    }

    private func pause(for time: TimeAmount) {
        pauseTimer?.cancel()
        pauseTimer = client.eventLoop.assumeIsolated().scheduleTask(in: time) { [self] in
            pauseTimer = nil
            allowance.pauseOver()
            startQueued()
        }
    }

    func bodyChanged(_ stream: ClientStream) {
        unsafe lent?._withUnsafeGuaranteedRef { $0.bodyChanged(stream) }
    }

    func refillWindow(of stream: ClientStream) {
        http2?.session.refillWindow(of: stream)
        http2?.setNeedsFlush()
    }

    func reset(_ stream: ClientStream, _ code: HTTP2ErrorCode) {
        http2?.session.reset(stream, code)
        http2?.setNeedsFlush()
    }
}
