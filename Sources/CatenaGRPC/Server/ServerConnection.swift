// SPDX-License-Identifier: Apache-2.0
// What the calls of one accepted connection share: its session, the header blocks every answer begins and ends with, one deadline
// timer, and the two-step goodbye that lets no call fall between server and client.
internal import NIOCore

/// A server's side of one connection. Used on its loop only; `peer`, `eventLoop`, `methods` and `configuration` never change.
final class ServerConnection: HTTP2ConnectionDelegate {
    /// Longest wait for the answer to the PING that follows the first GOAWAY.
    private static let noticeTimeout = TimeAmount.seconds(1)

    let methods: GRPCMethods
    let configuration: GRPCServerConfiguration
    let eventLoop: any EventLoop
    let peer: String
    /// The channel is gone.
    private(set) var isLost = false
    /// Fires for the calls of this connection.
    private(set) lazy var deadlines = DeadlineTimer(on: eventLoop) { [weak self] in self?.endExpiredCalls($0) ?? .distantFuture }

    /// `grpc-status: 0`.
    let okTrailers = HeaderBlock()
    private let responseHead = HeaderBlock()
    private let scratch = HeaderBlock()
    private var http2: HTTP2Connection?
    private var goAwayTimer: Scheduled<Void>?
    private var isDraining = false

    private init(channel: any Channel, methods: GRPCMethods, configuration: GRPCServerConfiguration) {
        self.methods = methods
        self.configuration = configuration
        eventLoop = channel.eventLoop
        peer = channel.remoteAddress.flatMap { GRPCAddress($0) }?.description ?? ""
        okTrailers.append("grpc-status", "0")
        Self.beginResponse(responseHead)
    }

    /// Makes the handler that serves `channel`.
    ///
    /// - Throws: ``HTTP2SessionError`` when nghttp2 has no memory.
    static func makeHandler(
        for channel: any Channel, methods: GRPCMethods, configuration: GRPCServerConfiguration
    ) throws(HTTP2SessionError) -> HTTP2Connection {
        let connection = ServerConnection(channel: channel, methods: methods, configuration: configuration)
        var settings = HTTP2Settings()
        settings.maxConcurrentStreams = configuration.maxConcurrentStreams
        settings.maxHeaderListSize = UInt32(clamping: configuration.maxMetadataSize)
        let http2 = try HTTP2Connection(role: .server, settings: settings, channel: channel, delegate: connection)
        connection.http2 = http2
        return http2
    }

    private static func beginResponse(_ block: HeaderBlock) {
        block.append(":status", "200")
        block.append("content-type", "application/grpc")
    }

    // MARK: Answers

    func answer(_ stream: ServerStream) {
        submit { http2 throws(HTTP2SessionError) in try http2.session.submitResponse(responseHead, stream) }
    }

    func answerTrailersOnly(_ stream: ServerStream, _ status: GRPCStatus, _ metadata: GRPCMetadata) {
        scratch.removeAll()
        Self.beginResponse(scratch)
        // Tells a client whose encoding we refused what it may use instead (gRPC compression, "Specifying Compression").
        if status.code == .unimplemented, stream.head.encoding != nil { scratch.append("grpc-accept-encoding", "identity") }
        scratch.append(status)
        scratch.append(metadata)
        submit { http2 throws(HTTP2SessionError) in try http2.session.submitHeadersOnly(scratch, stream) }
    }

    func answerNotGRPC(_ stream: ServerStream, httpStatus: StaticString) {
        scratch.removeAll()
        scratch.append(":status", httpStatus)
        submit { http2 throws(HTTP2SessionError) in try http2.session.submitHeadersOnly(scratch, stream) }
    }

    private func submit(_ action: (HTTP2Connection) throws(HTTP2SessionError) -> Void) {
        guard let http2 else { return }
        do {
            try action(http2)
            http2.setNeedsFlush()
        } catch {
            http2.close(reason: "HTTP/2 session failed: \(error)")
        }
    }

    private func endExpiredCalls(_ now: NIODeadline) -> NIODeadline {
        var next = NIODeadline.distantFuture
        for case let stream as ServerStream in http2?.session.streams ?? [] {
            if let deadline = stream.checkDeadline(now) { next = min(next, deadline) }
        }
        return next
    }

    // MARK: Connection

    func connectionOpened() {}

    func connectionLost() { isLost = true }

    func newStream(id: Int32) -> HTTP2Stream? { ServerStream(connection: self) }

    func peerSettingsChanged() {}

    func goAwayReceived(lastStreamID: Int32, code: HTTP2ErrorCode, debugData: String) {}

    /// First a GOAWAY that refuses nothing, and a PING; when its answer shows that the peer begins no more calls here, the real one.
    func drainRequested() {
        http2?.session.submitShutdownNotice()
        isDraining = true
        goAwayTimer = eventLoop.assumeIsolated().scheduleTask(in: Self.noticeTimeout) { [weak self] in self?.submitGoAway() }
    }

    func pingAcknowledged() {
        if isDraining { submitGoAway() }
    }

    private func submitGoAway() {
        isDraining = false
        goAwayTimer?.cancel()
        goAwayTimer = nil
        http2?.session.submitGoAway(.noError)
        http2?.setNeedsFlush()
    }

    func connectionClosed(reason: String) {
        goAwayTimer?.cancel()
        goAwayTimer = nil
        deadlines.cancel()
        http2 = nil
    }
}
