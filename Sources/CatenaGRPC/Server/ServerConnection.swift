// SPDX-License-Identifier: Apache-2.0
// What the calls of one accepted connection share: its session, the header blocks every answer begins and ends with, one deadline
// timer, and the two-step goodbye that lets no call fall between server and client.
internal import NIOCore

/// A server's side of one connection. Used on its loop only; `peer`, `eventLoop`, `loop`, `methods` and `configuration` never change.
@safe final class ServerConnection: HTTP2ConnectionDelegate, DeadlineTimerOwner {
    /// Connections that began together must not end together (gRPC proposal A9).
    private static let ageJitter = 0.1

    private let methods: GRPCMethods
    let maxMetadataSize: Int
    let configuration: GRPCServerConfiguration
    let eventLoop: any EventLoop
    /// The identity of `eventLoop`.
    let loop: ObjectIdentifier
    let peer: String
    /// The channel is gone.
    private(set) var isLost = false
    /// Fires for the calls of this connection.
    let deadlines: DeadlineTimer

    /// `grpc-status: 0`.
    let okTrailers = HeaderBlock()
    let responseHead = HeaderBlock()
    /// With the encodings that we accept, for clients that say theirs.
    let fullResponseHead = HeaderBlock()
    /// For answers that are compressed.
    let packedResponseHead = HeaderBlock()
    let scratch = HeaderBlock()
    var http2: HTTP2Connection? { didSet { unsafe lent = http2.map(Unmanaged.passUnretained) } }
    /// `http2` for what submits and schedules, which cannot end the connection: nothing need be counted for it.
    @safe @exclusivity(unchecked) private(set) var lent: Unmanaged<HTTP2Connection>?
    private var goAwayTimer: Scheduled<Void>?
    private var ageTimer: Scheduled<Void>?
    private var isDraining = false
    /// Memory for the next message.
    @safe @exclusivity(unchecked) var spareBuffer = SpareBuffer()
    @safe @exclusivity(unchecked) private var lastMethod: GRPCMethods.Method?

    private init(channel: any Channel, methods: GRPCMethods, configuration: GRPCServerConfiguration) {
        self.methods = methods
        self.configuration = configuration
        maxMetadataSize = configuration.maxMetadataSize
        eventLoop = channel.eventLoop
        loop = ObjectIdentifier(channel.eventLoop)
        deadlines = DeadlineTimer(on: channel.eventLoop)
        peer = channel.remoteAddress.flatMap { GRPCAddress($0) }?.description ?? ""
        okTrailers.append("grpc-status", "0")
        Self.beginResponse(responseHead)
        Self.beginResponse(fullResponseHead, namesEncodings: true)
        Self.beginResponse(packedResponseHead, namesEncodings: true, isCompressed: true)
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
        var limits = HTTP2ConnectionLimits()
        limits.keepalive = configuration.keepalive
        limits.slowBegin = configuration.slowBeginTimeout
        let http2 = try HTTP2Connection(role: .server, settings: settings, limits: limits, channel: channel, delegate: connection)
        connection.http2 = http2
        return http2
    }

    static func beginResponse(_ block: HeaderBlock, namesEncodings: Bool = false, isCompressed: Bool = false) {
        block.append(":status", "200")
        block.append("content-type", "application/grpc")
        if isCompressed { block.append("grpc-encoding", "gzip") }
        if namesEncodings { block.append("grpc-accept-encoding", MessageEncoding.accepted) }
    }

    // MARK: Calls

    /// The method at a path; most calls of a connection go to the one that the last went to.
    func method(at path: Span<UInt8>) -> Unmanaged<GRPCMethods.Method>? {
        if let lastMethod, path.equals(lastMethod.bytes) { return unsafe Unmanaged.passUnretained(lastMethod) }
        lastMethod = methods.find(path)
        return unsafe lastMethod.map(Unmanaged.passUnretained)
    }

    func endExpiredCalls(_ now: NIODeadline) -> NIODeadline {
        var next = NIODeadline.distantFuture
        for case let stream as ServerStream in http2?.session.streams ?? [] {
            if let deadline = stream.checkDeadline(now) { next = min(next, deadline) }
        }
        return next
    }

    // MARK: Connection

    func connectionOpened() {
        guard let age = configuration.maxConnectionAge else { return }
        ageTimer = eventLoop.assumeIsolated().scheduleTask(in: age.jittered(by: Self.ageJitter)) { self.grewOld() }
    }

    /// The connection has served long enough: its client finds another one, perhaps at another server.
    private func grewOld() {
        http2?.requestDrain()
        guard let grace = configuration.maxConnectionAgeGrace else { return }
        ageTimer = eventLoop.assumeIsolated().scheduleTask(in: grace) {
            self.http2?.close(reason: "its calls did not end within the grace of the connection's age")
        }
    }

    func connectionLost() { isLost = true }

    /// Checked in debug builds, and free in others.
    func assertOnLoop() { assert(eventLoop.inEventLoop) }

    func makeStream() -> HTTP2Stream? { ServerStream(connection: self) }

    func peerSettingsChanged() {}

    func goAwayReceived(lastStreamID: Int32, code: HTTP2ErrorCode, debugData: String) {}

    /// First a GOAWAY that refuses nothing, and a PING; when its answer shows that the peer begins no more calls here, the real one.
    func drainRequested() {
        http2?.session.submitShutdownNotice()
        isDraining = true
        goAwayTimer = eventLoop.assumeIsolated().scheduleTask(in: configuration.noticeTimeout) { self.submitGoAway() }
    }

    func pingAcknowledged(_ purpose: PingPurpose) {
        switch purpose {
        case .drain: if isDraining { submitGoAway() }
        case .keepalive: http2?.keepalive?.answered()
        }
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
        ageTimer?.cancel()
        ageTimer = nil
        deadlines.cancel()
        http2 = nil
    }
}
