// SPDX-License-Identifier: Apache-2.0
// The one channel handler of a connection: it joins a socket to an HTTP2Session and decides when bytes leave. There is no child
// channel per stream, and one flush for all that was answered or begun in a read or in a turn of the loop: that is where the speed is.
internal import NIOCore

/// A channel handler that owns one ``HTTP2Session``. Used on its channel's loop only.
final class HTTP2Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes handed to the channel at a time. A channel that is not writable gets no more until it is.
    private static let batchSize = 64 << 10

    /// Rounds of writing before others on the loop have their turn: a reader as fast as its writer could keep us for ever.
    private static let roundsPerTurn = 16
    /// Longest wait for a peer that did harm to read why the connection ends.
    private static let farewellTimeout = TimeAmount.seconds(1)
    /// Longest wait for a peer to read the last answers and to close its side.
    private static let goodbyeTimeout = TimeAmount.seconds(5)

    let session: HTTP2Session
    let delegate: any HTTP2ConnectionDelegate
    let eventLoop: any EventLoop
    let limits: HTTP2ConnectionLimits
    var context: ChannelHandlerContext?
    var isReading = false
    private var isFlushScheduled = false
    private var isFlushing = false
    var becameWritable = false
    var isClosing = false
    var isOpened = false
    var isDrainRequested = false
    var isClosedReported = false
    var keepalive: Keepalive?
    /// Cuts a connection whose handshake or header block does not end.
    var slowBegin: Scheduled<Void>?
    var farewell: Scheduled<Void>?
    /// Gives back the memory that many calls at a time have left.
    var rest: Scheduled<Void>?
    /// Why we closed, or what the socket said; nil when the peer closed without a word.
    var closeReason: String?

    /// - Throws: ``HTTP2SessionError`` when nghttp2 has no memory.
    init(
        role: HTTP2Session.Role, settings: HTTP2Settings, limits: HTTP2ConnectionLimits, channel: any Channel,
        delegate: any HTTP2ConnectionDelegate
    ) throws(HTTP2SessionError) {
        self.session = try HTTP2Session(role: role, settings: settings, delegate: delegate)
        self.delegate = delegate
        self.limits = limits
        self.eventLoop = channel.eventLoop
    }

    /// Says that the session has something to send. It leaves with the current read, or at the end of this turn of the loop.
    func setNeedsFlush() {
        assert(eventLoop.inEventLoop)
        guard !isReading, !isFlushing, !isFlushScheduled, context != nil else { return }
        scheduleFlush()
    }

    /// The body of a stream has grown, or ended.
    func bodyChanged(_ stream: HTTP2Stream) {
        session.bodyChanged(stream)
        setNeedsFlush()
    }

    private func scheduleFlush() {
        isFlushScheduled = true
        eventLoop.assumeIsolated().execute {
            self.isFlushScheduled = false
            self.flush()
        }
    }

    /// Closes the channel without waiting for anything; open streams are told within this call or the next turn.
    func close(reason: String) {
        eventLoop.assertInEventLoop()
        if closeReason == nil { closeReason = reason }
        isClosing = true
        context?.close(promise: nil)
    }

    func flush() {
        guard let context, !isClosing, isOpened, !isFlushing else { return }
        isFlushing = true
        defer { isFlushing = false }
        do {
            var rounds = 0
            repeat {
                becameWritable = false
                try write(context)
                rounds += 1
                if rounds == Self.roundsPerTurn, !isFlushScheduled { scheduleFlush() }
            } while rounds < Self.roundsPerTurn && (session.tellDrained() || becameWritable)
        } catch {
            close(reason: "HTTP/2 session failed: \(error)")
            return
        }
        if session.memory.bytes > HTTP2Memory.restingBytes, rest == nil { scheduleRest() }
        if session.isFinished { closeAfterFlush(context) }
    }

    /// Gives the channel what the session has, as long as it takes it.
    private func write(_ context: ChannelHandlerContext) throws(HTTP2SessionError) {
        var wrote = false
        while context.channel.isWritable {
            let more = try session.collect(upTo: Self.batchSize)
            guard session.output.readableBytes > 0 else { break }
            context.write(Self.wrapOutboundOut(session.output), promise: nil)
            wrote = true
            guard more else { break }
        }
        if wrote { context.flush() }
    }

    /// Closes once the last frames have reached the kernel: `close` alone would drop what is still buffered.
    ///
    /// A server only ends its own side, and waits for its peer to do the same: on a socket that is closed, a WINDOW_UPDATE or a PING
    /// that is still on its way makes the kernel drop what the peer has yet to read of the last answers.
    private func closeAfterFlush(_ context: ChannelHandlerContext) {
        guard !isClosing else { return }
        isClosing = true
        let channel = context.channel
        let mode = session.role == .server ? CloseMode.output : .all
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer())).whenComplete { _ in channel.close(mode: mode, promise: nil) }
        limitFarewell()
    }

    /// A peer that reads nothing, or does not close, must not keep a connection that is over.
    func limitFarewell() {
        guard farewell == nil, let channel = context?.channel else { return }
        let limit = session.isTerminated ? Self.farewellTimeout : Self.goodbyeTimeout
        farewell = eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
    }
}

/// A user event that asks an ``HTTP2Connection`` to end when its calls have, fired into its pipeline by whoever has the channel.
struct DrainRequest: Sendable {
    init() {}
}
